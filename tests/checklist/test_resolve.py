"""What several checklists that are extended at once make of each other's items."""

import pytest

from reliability import resources
from reliability.checklist import resolve
from reliability.checklist.read import read_checklist, validate
from reliability.errors import ChecklistError

HEAD = "checklist: {name}\nformat: 1\nversion: 1.0.0\ntitle: {{ko: 가, en: a}}\n"
FIRST = """\
decision: {rule: four_way, confidence: 0.95}
outcome: {critical: pass, major: conditional_pass, open_minor: 3}
sections:
  - id: PER
    title: {ko: 성능, en: Performance}
    items:
      - id: PER-01
        requirement: {ko: 맞힌다., en: It is right.}
        check: performance.accuracy
        at_least: 0.75
        source: house default
        severity: minor
        escalate: {major: hiring}
        when: classification
      - id: PER-02
        requirement: {ko: 다시 맞힌다., en: It is right again.}
        check: performance.accuracy
        report: true
        severity: minor
"""


def item(**keys):
    inner = ", ".join(f"{key}: {value}" for key, value in keys.items())
    return f"sections: [{{id: PER, items: [{{id: PER-01, {inner}}}]}}]\n"


@pytest.fixture
def write(tmp_path):
    """Write a checklist that extends others; `first` is there already."""

    def written(name, more="", extends=("first",)):
        names = ", ".join(f"{one}.yaml" for one in extends)
        text = HEAD.format(name=name) + (f"extends: [{names}]\n" if extends else "") + more
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    written("first", FIRST, extends=())
    return written


@pytest.mark.parametrize("order", [("sector", "stricter"), ("stricter", "sector")])
def test_two_that_extend_a_third_both_have_their_say(write, order):
    write("sector", item(when="null", severity="major", escalate="null"))
    write("stricter", "decision: {rule: guarded, confidence: 0.95}\n" + item(bar="pass"))

    one = validate(write("both", extends=order))
    got = one.item("PER-01")

    assert (got.when, got.severity, dict(got.escalate), got.bar) == (None, "major", {}, "pass")
    assert (one.decision.rule, got.criteria[0].rule) == ("guarded", "guarded")


@pytest.mark.parametrize(("order", "severity"), [(("low", "high"), "critical"), (("high", "low"), "major")])
def test_of_two_that_say_the_same_the_later_wins(write, order, severity):
    write("low", item(severity="major", escalate="null"))
    write("high", item(severity="critical", escalate="null"))

    assert validate(write("both", extends=order)).item("PER-01").severity == severity


def test_what_one_drops_the_other_does_not_bring_back(write):
    write("sector", "drop: [PER-02]\n")
    write("stricter", item(bar="pass"))

    for order in (("sector", "stricter"), ("stricter", "sector")):
        assert [one.id for one in validate(write("both", extends=order)).items] == ["PER-01"]


def test_both_may_drop_the_same_item(write):
    write("one", "drop: [PER-02]\n")
    write("other", "drop: [PER-02]\n")

    assert [one.id for one in validate(write("both", extends=("one", "other"))).items] == ["PER-01"]


def test_an_item_that_nobody_has_is_still_no_item_to_drop(write):
    write("sector", "drop: [PER-02]\n")

    with pytest.raises(ChecklistError) as caught:
        validate(write("both", "drop: [PER-03]\n", extends=("sector",)))

    assert caught.value.code == "drop_unknown"


def test_an_extended_file_that_is_extended_again_speaks_once_and_first(write):
    write("sector", item(severity="critical", escalate="null"))

    both = validate(write("both", extends=("sector", "first")))

    assert both.item("PER-01").severity == "critical"
    assert both.content["sections"] == validate(write("alone", extends=("sector",))).content["sections"]


def test_a_shipped_file_is_parsed_once_and_anew_when_it_changes(write, tmp_path, monkeypatch):
    monkeypatch.setattr(resources, "checklists", lambda: tmp_path)
    parsed, read_source = [], resolve.read_source

    def noted(path, *, name):
        parsed.append(path.name)
        return read_source(path, name=name)

    monkeypatch.setattr(resolve, "read_source", noted)
    write("sector", item(severity="critical", escalate="null"))

    for _ in range(2):
        assert read_checklist("sector").item("PER-01").severity == "critical"
    assert sorted(parsed) == ["first.yaml", "sector.yaml"]

    write("sector", item(severity="major", escalate="null"))
    assert read_checklist("sector").item("PER-01").severity == "major"
    assert sorted(parsed) == ["first.yaml", "sector.yaml", "sector.yaml"]


def test_a_shipped_name_whose_file_is_gone_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(resources, "checklists", lambda: tmp_path)

    with pytest.raises(ChecklistError):
        validate(tmp_path / "gone.yaml")
