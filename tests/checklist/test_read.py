# ruff: noqa: E501  (a row of a table reads better whole)
import json
import textwrap

import jsonschema
import pytest

from reliability import resources
from reliability.checklist.criteria import declared_level, with_declared
from reliability.checklist.read import names, read_checklist, validate
from reliability.checklist.written import schema
from reliability.errors import ChecklistError
from reliability.records import Criterion, canonical_json
from reliability.yaml_lines import read_yaml

HEAD = """\
checklist: small
format: 1
version: 1.0.0
title: {ko: 작은 점검표, en: Small checklist}
decision: {rule: four_way, confidence: 0.95}
outcome: {critical: pass, major: conditional_pass, open_minor: 3}
"""
ITEMS = """\
sections:
  - id: PER
    title: {ko: 성능, en: Performance}
    items:
      - id: PER-01
        requirement: {ko: 맞힌다., en: It is right.}
        check: performance.accuracy
        at_least: 0.75
        source: house default
        severity: critical
      - id: FAI-02
        requirement: {ko: 고르다., en: It is even.}
        criteria:
          - {check: fairness.selection_rate_ratio, with: {minimum_group_size: 30}, at_least: 0.8, source: house default}
          - {declared: performance, rule: guarded}
          - {check: performance.accuracy, report: true}
        severity: minor
        escalate: {major: hiring}
        bar: conditional_pass
        when: decides_about_people and not generative
        references: [TTA-09]
        remedy: {ko: 고친다., en: Mend it.}
  - id: GOV
    title: {ko: 거버넌스, en: Governance}
    items:
      - id: GOV-01
        requirement: {ko: 방침이 있다., en: There is a policy.}
        ask: {ko: 방침이 있습니까?, en: Is there a policy?}
        evidence: {ko: 방침, en: the policy}
        severity: minor
"""
SMALL = HEAD + ITEMS
CHILD = HEAD.replace("checklist: small", "checklist: child") + "extends: [small.yaml]\n"


def written(folder, text, name="small.yaml"):
    path = folder / name
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def read(folder, text):
    return validate(written(folder, text))


def refused(folder, text, name="small.yaml"):
    path = written(folder, text, name)
    with pytest.raises(ChecklistError) as caught:
        validate(path)
    assert str(caught.value).startswith(str(path)), caught.value
    place = str(caught.value).removeprefix(f"{path}:").split(": ")[0]
    return caught.value.code, place


def changed(old, new, text=SMALL):
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)


def test_checklist_is_read_with_its_items_in_order(tmp_path):
    checklist = read(tmp_path, SMALL)

    assert (checklist.id, checklist.version, checklist.title["en"]) == ("small", "1.0.0", "Small checklist")
    assert [(item.section, item.id) for item in checklist.items] == [
        ("PER", "PER-01"), ("PER", "FAI-02"), ("GOV", "GOV-01"),
    ]  # fmt: skip
    assert (checklist.decision.rule, checklist.decision.confidence) == ("four_way", 0.95)
    assert (checklist.outcome.critical, checklist.outcome.major, checklist.outcome.open_minor) == (
        "pass", "conditional_pass", 3,
    )  # fmt: skip


def test_inline_criterion_is_one_criterion_with_the_checklists_rule(tmp_path):
    item = read(tmp_path, SMALL).item("PER-01")

    assert item.criteria == (
        Criterion(check="performance.accuracy", at_least=0.75, rule="four_way", source="house default"),
    )


def test_criteria_are_resolved_with_rule_and_grouping(tmp_path):
    ratio, declared, reported = read(tmp_path, SMALL).item("FAI-02").criteria

    assert (ratio.by, ratio.rule, ratio.with_) == ("sensitive", "four_way", {"minimum_group_size": 30})
    assert (declared.declared, declared.check, declared.rule) == ("performance", None, "guarded")
    assert (reported.report, reported.rule, reported.by) == (True, None, None)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("[sex, age]", ("sex", "age")),
        ("segments", "segments"),
        ("sensitive_pairs", "sensitive_pairs"),
        ("sensitive", "sensitive"),
    ],
)
def test_grouping_is_a_list_of_columns_or_a_word(tmp_path, by, expected):
    text = changed("at_least: 0.75\n", f"at_least: 0.75\n        by: {by}\n")

    assert read(tmp_path, text).item("PER-01").criteria[0].by == expected


@pytest.mark.parametrize(
    "limit", ["at_least: 0", "at_most: -1", "between: [0, 1]", "between: [0.5, 0.5]", "equals: 0", "report: true"]
)
def test_every_kind_of_limit_is_taken(tmp_path, limit):
    name = limit.partition(":")[0]
    text = changed("performance.accuracy\n", "calibration.calibration_slope\n", changed("at_least: 0.75", limit))
    criterion = read(tmp_path, text).item("PER-01").criteria[0]

    assert getattr(criterion, name) is not None


def test_asked_item_has_question_evidence_and_easy_answers(tmp_path):
    item = read(tmp_path, SMALL).item("GOV-01")

    assert (item.ask["en"], item.evidence["ko"], item.criteria) == ("Is there a policy?", "방침", ())
    assert (item.answers.evidence, item.answers.checked_by) == ("optional", "optional")


def test_content_is_plain_json_and_its_digest_follows_it(tmp_path):
    checklist = read(tmp_path, SMALL)
    item = checklist.content["sections"][0]["items"][1]

    assert json.loads(canonical_json(checklist.content)) == checklist.content
    assert item["criteria"][0]["rule"] == "four_way"
    assert item["requirement"] == {"ko": "고르다.", "en": "It is even."}
    assert read(tmp_path, changed("0.75", "0.76")).sha256 != checklist.sha256


def test_digest_ignores_comments_spacing_and_order_of_keys(tmp_path):
    spaced = changed("format: 1\n", "\n# a comment\nformat:   1\n")
    swapped = changed("checklist: small\nformat: 1\n", "format: 1\nchecklist: small\n")

    assert read(tmp_path, spaced).sha256 == read(tmp_path, swapped).sha256 == read(tmp_path, SMALL).sha256


def test_inline_and_listed_criterion_are_the_same_content(tmp_path):
    inline = "check: performance.accuracy\n        at_least: 0.75\n        source: house default\n"
    listed = "criteria: [{check: performance.accuracy, at_least: 0.75, source: house default}]\n"

    assert read(tmp_path, changed(inline, listed)).sha256 == read(tmp_path, SMALL).sha256


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("format: 1", "format: 2", "checklist_value_wrong", "2:1"),
        ("format: 1\n", "", "checklist_key_missing", "1:1"),
        ("checklist: small\nformat: 1", "checklist: 1", "checklist_not_name", "1:1"),
        ("version: 1.0.0", "version: 1.0", "checklist_not_text", "3:1"),
        ("title: {ko: 작은 점검표, en", "title: {en", "checklist_key_missing", "4:1"),
        (", en: Small checklist", "", "checklist_key_missing", "4:1"),
        ("en: Small checklist", "en: ''", "checklist_value_wrong", "4:21"),
        ("decision: {rule: four_way", "decision: {rule: four_ways", "checklist_word_unknown", "5:12"),
        ("confidence: 0.95", "confidence: 95", "checklist_value_wrong", "5:28"),
        ("confidence: 0.95", "confidence: 1", "checklist_value_wrong", "5:28"),
        ("decision:", "decisions:", "checklist_key_unknown", "5:1"),
        ("critical: pass", "critical: fail", "checklist_word_unknown", "6:11"),
        ("open_minor: 3", "open_minor: -1", "checklist_value_wrong", "6:52"),
        ("open_minor: 3", "open_minor: true", "checklist_not_integer", "6:52"),
        ("- id: PER\n    title: {ko: 성능, en: Performance}\n", "- id: PER\n", "checklist_key_missing", "8:5"),
        ("- id: PER-01", "- id: ''", "checklist_value_wrong", "11:9"),
        ("- id: PER-01\n        requirement", "- requirement", "checklist_key_missing", "11:9"),
        ("id: FAI-02", "id: PER-01", "id_repeated", "17:9"),
        ("- id: GOV\n", "- id: PER\n", "id_repeated", "29:5"),
        ("        requirement: {ko: 맞힌다., en: It is right.}\n", "", "checklist_key_missing", "11:9"),
        ("ko: 맞힌다., ", "", "checklist_key_missing", "12:9"),
        (", en: It is right.", "", "checklist_key_missing", "12:9"),
        ("check: performance.accuracy\n", "check: performance.acuracy\n", "check_unknown", "13:9"),
        ("check: performance.accuracy\n", "chek: performance.accuracy\n", "checklist_key_unknown", "13:9"),
        ("        check: performance.accuracy\n", "", "checklist_key_missing", "11:9"),
        ("at_least: 0.75", "at_least: 0.75\n        with: {sead: 1}", "option_", "15:9"),
        ("{minimum_group_size: 30}", "{minimum_group_sise: 30}", "option_unknown", "20:52"),
        ("{minimum_group_size: 30}", "{minimum_group_size: many}", "option_wrong", "20:52"),
        ("at_least: 0.75", "at_least: high", "checklist_not_number", "14:9"),
        ("at_least: 0.75", "at_least: true", "checklist_not_number", "14:9"),
        ("at_least: 0.75", "at_least: .nan", "yaml_not_finite", "14:19"),
        ("        at_least: 0.75\n", "", "limit_not_one", "13:9"),
        ("at_least: 0.75", "at_least: 0.75\n        at_most: 0.9", "limit_not_one", "13:9"),
        ("at_least: 0.75", "at_least: 0.75\n        report: true", "limit_not_one", "13:9"),
        ("at_least: 0.75", "report: false", "limit_not_one", "13:9"),
        ("at_least: 0.75", "between: [1, 0]", "limits_reversed", "14:9"),
        ("at_least: 0.75", "between: [1]", "checklist_not_two_numbers", "14:9"),
        ("        source: house default\n        severity", "        severity", "source_missing", "13:9"),
        ("at_least: 0.75", "at_least: 0.75\n        rule: gaurded", "checklist_word_unknown", "15:9"),
        ("at_least: 0.75", "at_least: 0.75\n        by: sensitve", "by_unknown", "15:9"),
        ("severity: critical", "severity: crtical", "checklist_word_unknown", "16:9"),
        ("        severity: critical\n", "", "checklist_key_missing", "11:9"),
        ("declared: performance", "declared: performance, at_least: 1", "declared_with_limit", "21:37"),
        ("declared: performance", "declared: fairness", "checklist_word_unknown", "21:14"),
        ("when: decides_about_people", "when: decide_about_people", "fact_unknown", "26:9"),
        ("and not generative", "and not", "expression_unreadable", "26:9"),
        ("escalate: {major: hiring}", "escalate: {major: hireing}", "fact_unknown", "24:20"),
        ("escalate: {major: hiring}", "escalate: {mayor: hiring}", "checklist_word_unknown", "24:20"),
        ("escalate: {major: hiring}", "escalate: {minor: hiring}", "escalate_not_above", "17:9"),
        ("bar: conditional_pass", "bar: fail", "checklist_word_unknown", "25:9"),
        ("references: [TTA-09]", "references: TTA-09", "checklist_not_list", "27:9"),
        ("ko: 고친다., ", "", "checklist_key_missing", "28:9"),
        ("        evidence: {ko: 방침, en: the policy}\n", "", "checklist_key_missing", "32:9"),
        ("ask: {ko: 방침이 있습니까?, en: Is there a policy?}", "bar: pass", "item_criteria_or_ask", "32:9"),
        ("severity: critical", "severity: critical\n        answers: {}", "item_not_asked", "11:9"),
        (
            "severity: critical",
            "severity: critical\n        criteria: [{check: performance.accuracy, report: true}]",
            "criteria_twice",
            "14:9",
        ),
        ("severity: critical", "severity: critical\n        ask: {ko: 가, en: a}", "item_criteria_or_ask", "11:9"),
        ("checklist: small", "checklist: small\nchecklist: small", "yaml_duplicate_key", "2:1"),
        ("format: 1", "format: true", "checklist_not_format_1", "2:1"),
        ("format: 1", "format: 1.0", "checklist_not_format_1", "2:1"),
        ("at_least: 0.75", f"at_least: {2**53}", "checklist_number_too_large", "14:9"),
        ("at_least: 0.75", f"at_most: -{2**53}", "checklist_number_too_large", "14:9"),
        ("at_least: 0.75", f"between: [0, {2**60}]", "checklist_number_too_large", "14:22"),
        ("at_least: 0.75", f"equals: {'9' * 400}", "checklist_number_too_large", "14:9"),
        ("open_minor: 3", f"open_minor: {2**53}", "checklist_number_too_large", "6:52"),
        ("{minimum_group_size: 30}", f"{{minimum_group_size: {2**53}}}", "checklist_number_too_large", "20:52"),
        ("{minimum_group_size: 30}", "{minimum_group_size: 0}", "option_below", "20:52"),
        ("{minimum_group_size: 30}", "{minimum_group_size: 30}, by: []", "by_empty", "20:84"),
        ("{minimum_group_size: 30}", "{minimum_group_size: 30}, by: [g, h, g]", "by_twice", "20:84"),
        ("checklist: small", "1: 2\nchecklist: small", "checklist_key_unknown", "1:1"),
        ("severity: critical", "severity: critical\n        2.5: 2", "checklist_key_unknown", "17:9"),
        ("severity: critical", "severity: critical\n        ~: 2", "yaml_key_empty", "17:9"),
    ],
)  # fmt: skip
def test_checklist_is_refused_at_line_and_column(tmp_path, old, new, code, place):
    found, where = refused(tmp_path, changed(old, new))

    assert found.startswith(code)
    assert where == place


def test_first_mistake_in_the_file_is_the_one_named(tmp_path):
    text = changed("severity: critical", "severity: high", changed("format: 1", "format: one"))

    assert refused(tmp_path, text)[1] == "2:1"


@pytest.mark.parametrize(
    ("old", "new", "near"),
    [
        ("check: performance.accuracy", "check: performance.acuracy", "performance.accuracy"),
        ("minimum_group_size", "minimum_grup_size", "minimum_group_size"),
        ("when: decides_about_people", "when: decides_about_person", "decides_about_people"),
        ("severity: critical", "severity: critcal", "critical"),
        ("rule: guarded", "rule: guard", "guarded"),
        ("requirement:", "requirment:", "requirement"),
    ],
)
def test_misspelt_name_is_refused_with_the_near_one(tmp_path, old, new, near):
    with pytest.raises(ChecklistError) as caught:
        read(tmp_path, changed(old, new))

    assert caught.value.values["near"] == near
    assert repr(near) in str(caught.value)


@pytest.mark.parametrize("text", ["", "- a\n", "just text\n"])
def test_file_is_refused_when_it_is_no_mapping(tmp_path, text):
    assert refused(tmp_path, text) == ("checklist_not_mapping", "1:1")


def test_checklist_without_items_is_refused(tmp_path):
    assert refused(tmp_path, HEAD)[0] == "checklist_empty"


@pytest.mark.parametrize("key", ["decision", "outcome"])
def test_decision_and_outcome_are_needed_when_nothing_is_extended(tmp_path, key):
    lines = [line for line in SMALL.splitlines() if not line.startswith(key)]

    assert refused(tmp_path, "\n".join(lines))[0] == "checklist_key_missing"


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(ChecklistError, match="no such file"):
        read_checklist(tmp_path / "absent.yaml")


def test_unknown_name_is_refused_with_the_nearest_shipped_one():
    with pytest.raises(ChecklistError, match="'trustworthy-ai'") as caught:
        read_checklist("trustworthyai")

    assert caught.value.code == "checklist_unknown"


def extended(folder, text, base=SMALL):
    written(folder, base)
    return validate(written(folder, text, "child.yaml"))


def test_extending_alone_takes_everything_over(tmp_path):
    child = extended(
        tmp_path, "checklist: child\nformat: 1\nversion: '2'\ntitle: {ko: 가, en: a}\nextends: [small.yaml]\n"
    )

    assert (child.id, child.version) == ("child", "2")
    assert child.items == read(tmp_path, SMALL).items


def test_own_decision_gives_the_rule_of_criteria_that_name_none(tmp_path):
    child = extended(tmp_path, CHILD.replace("four_way", "guarded"))

    assert child.item("PER-01").criteria[0].rule == "guarded"


def test_item_is_overridden_by_id_key_by_key(tmp_path):
    child = extended(
        tmp_path,
        CHILD + "sections: [{id: GOV, items: [{id: GOV-01, severity: major, answers: {evidence: required}}]}]\n",
    )
    item = child.item("GOV-01")

    assert (item.severity, item.ask["en"]) == ("major", "Is there a policy?")
    assert (item.answers.evidence, item.answers.checked_by) == ("required", "optional")
    assert [one.id for one in child.items] == ["PER-01", "FAI-02", "GOV-01"]


def test_criteria_are_overridden_as_a_whole(tmp_path):
    item = "{id: PER-01, check: performance.accuracy, at_least: 0.9, rule: simple, source: house default}"
    child = extended(tmp_path, f"{CHILD}sections: [{{id: PER, items: [{item}]}}]\n")

    assert [one.at_least for one in child.item("PER-01").criteria] == [0.9]
    assert child.item("PER-01").severity == "critical"


def test_key_is_removed_when_it_is_overridden_by_nothing(tmp_path):
    child = extended(tmp_path, CHILD + "sections: [{id: PER, items: [{id: FAI-02, when: null, escalate: null}]}]\n")

    assert (child.item("FAI-02").when, child.item("FAI-02").escalate) == (None, {})


def test_asked_item_becomes_measured_when_overridden_by_criteria(tmp_path):
    item = "{id: GOV-01, check: performance.accuracy, report: true}"
    child = extended(tmp_path, f"{CHILD}sections: [{{id: GOV, items: [{item}]}}]\n")

    assert (child.item("GOV-01").ask, len(child.item("GOV-01").criteria)) == (None, 1)


def test_measured_item_becomes_asked_when_overridden_by_a_question(tmp_path):
    item = "{id: PER-01, ask: {ko: 가, en: a}, evidence: {ko: 나, en: b}}"
    child = extended(tmp_path, f"{CHILD}sections: [{{id: PER, items: [{item}]}}]\n")

    assert (child.item("PER-01").criteria, child.item("PER-01").ask) == ((), {"ko": "가", "en": "a"})


def test_item_and_section_are_gone_when_dropped(tmp_path):
    child = extended(tmp_path, CHILD + "drop: [GOV-01]\n")

    assert [section["id"] for section in child.content["sections"]] == ["PER"]


def test_new_item_is_added_to_the_section_it_names(tmp_path):
    item = "{id: PER-02, requirement: {ko: 가, en: a}, check: performance.accuracy, report: true, severity: minor}"
    child = extended(tmp_path, f"{CHILD}sections: [{{id: PER, items: [{item}]}}]\n")

    assert [one.id for one in child.items] == ["PER-01", "FAI-02", "PER-02", "GOV-01"]


@pytest.mark.parametrize(
    ("more", "code", "place"),
    [
        ("drop: [GOV-02]\n", "drop_unknown", "8:8"),
        ("sections: [{id: NEW, items: []}]\n", "checklist_key_missing", "8:12"),
        ("sections: [{id: GOV, items: [{id: PER-01}]}]\n", "item_elsewhere", "8:31"),
        ("sections: [{id: PER, items: [{id: PER-01, severity: minor, ask: null, criteria: null}]}]\n", "item_", "8:31"),
        ("sections: [{id: PER, items: [{id: FAI-02, severity: major}]}]\n", "escalate_not_above", "8:31"),
    ],
)
def test_extension_is_refused_at_line_and_column(tmp_path, more, code, place):
    written(tmp_path, SMALL)
    found, where = refused(tmp_path, CHILD + more, "child.yaml")

    assert found.startswith(code)
    assert where == place


def test_mistake_in_what_is_extended_is_named_where_it_stands(tmp_path):
    with pytest.raises(ChecklistError, match=r"small\.yaml:16:9: "):
        extended(tmp_path, CHILD, changed("severity: critical", "severity: high"))


@pytest.mark.parametrize("parent", ["child.yaml", "./child.yaml", "between.yaml"])
def test_circle_of_extensions_is_refused(tmp_path, parent):
    written(tmp_path, CHILD.replace("small.yaml", "child.yaml"), "between.yaml")
    path = written(tmp_path, CHILD.replace("small.yaml", parent), "child.yaml")

    with pytest.raises(ChecklistError) as caught:
        validate(path)

    assert caught.value.code == "extends_cycle"


def test_unknown_parent_is_refused_where_it_is_named(tmp_path):
    assert refused(tmp_path, CHILD.replace("small.yaml", "trustworthy"))[0] == "checklist_unknown"


def test_later_parent_overrides_the_earlier_one(tmp_path):
    written(tmp_path, changed("at_least: 0.75", "at_least: 0.9"), "strict.yaml")
    child = extended(tmp_path, CHILD.replace("[small.yaml]", "[small.yaml, strict.yaml]"))

    assert child.item("PER-01").criteria[0].at_least == 0.9


def test_declared_level_fills_the_criterion_that_leaves_it_open():
    level = declared_level({"check": "performance.accuracy", "at_least": 0.75}, where="submission.yaml:9:1")
    asked = Criterion(declared="performance", rule="guarded")

    assert with_declared(asked, level) == Criterion(
        check="performance.accuracy", at_least=0.75, declared="performance", rule="guarded"
    )
    assert with_declared(asked, None) == asked
    assert with_declared(level.model_copy(update={"declared": None}), level).declared is None


@pytest.mark.parametrize(
    ("performance", "code"),
    [
        ({"check": "performance.acuracy", "at_least": 0.75}, "check_unknown"),
        ({"check": "performance.accuracy"}, "limit_not_one"),
        ({"at_least": 0.75}, "checklist_key_missing"),
    ],
)
def test_declared_level_is_refused_when_it_says_nothing_measurable(performance, code):
    with pytest.raises(ChecklistError, match=r"^submission\.yaml:9:1: ") as caught:
        declared_level(performance, where="submission.yaml:9:1")

    assert caught.value.code == code


def test_schema_for_editors_is_the_shape_that_is_read():
    shipped = json.loads((resources.schemas() / "checklist.schema.json").read_text(encoding="utf-8"))

    assert shipped == schema()
    jsonschema.Draft202012Validator.check_schema(shipped)


def test_schema_for_editors_accepts_what_is_read(tmp_path):
    document = read_yaml(written(tmp_path, SMALL), error=ChecklistError)

    jsonschema.validate(document.data, schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document.data, "formt": 1}, schema())


@pytest.mark.parametrize("name", names())
def test_shipped_checklist_stands(name):
    assert read_checklist(name).id == name


def test_parent_is_looked_up_beside_the_file_that_names_it(tmp_path):
    (tmp_path / "sector").mkdir()
    written(tmp_path, SMALL)
    path = written(tmp_path / "sector", CHILD.replace("small.yaml", "../small.yaml"), "child.yaml")

    assert [item.id for item in validate(path).items] == ["PER-01", "FAI-02", "GOV-01"]


def test_chain_of_extensions_lets_the_last_word_win(tmp_path):
    override = "sections: [{{id: GOV, items: [{{id: GOV-01, severity: {}}}]}}]\n"
    written(tmp_path, CHILD + override.format("major"), "middle.yaml")
    child = extended(tmp_path, CHILD.replace("small.yaml", "middle.yaml") + override.format("critical"))

    assert child.item("GOV-01").severity == "critical"


def test_same_parent_twice_changes_nothing(tmp_path):
    twice = CHILD.replace("[small.yaml]", "[small.yaml, small.yaml]")

    assert extended(tmp_path, twice).items == extended(tmp_path, CHILD).items


def test_dropped_id_may_be_written_anew(tmp_path):
    item = "{id: PER-01, requirement: {ko: 가, en: a}, check: performance.accuracy, report: true, severity: minor}"
    child = extended(tmp_path, f"{CHILD}drop: [PER-01]\nsections: [{{id: PER, items: [{item}]}}]\n")

    assert [one.id for one in child.items] == ["FAI-02", "PER-01", "GOV-01"]
    assert child.item("PER-01").criteria[0].report


def test_section_title_is_overridden(tmp_path):
    child = extended(tmp_path, CHILD + "sections: [{id: GOV, title: {ko: 지배, en: Control}}]\n")

    assert [section["title"]["en"] for section in child.content["sections"]] == ["Performance", "Control"]


def test_own_outcome_replaces_the_parents(tmp_path):
    child = extended(tmp_path, CHILD.replace("open_minor: 3", "open_minor: 0"))

    assert child.outcome.open_minor == 0


def test_content_leaves_no_trace_of_how_it_was_put_together(tmp_path):
    alone = read(tmp_path, SMALL.replace("checklist: small", "checklist: child"))

    assert extended(tmp_path, CHILD).sha256 == alone.sha256


def test_item_that_is_not_there_is_no_item(tmp_path):
    with pytest.raises(KeyError, match="PER-99"):
        read(tmp_path, SMALL).item("PER-99")


def test_names_are_those_of_checklists_only(tmp_path, monkeypatch):
    written(tmp_path, SMALL)
    written(tmp_path, "screening: 1\n", "screening.yaml")
    monkeypatch.setattr(resources, "checklists", lambda: tmp_path)

    assert names() == ("small",)
    assert read_checklist("small").id == "small"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            "check: performance.accuracy",
            "check: performance.acuracy",
            "13:9: no check 'performance.acuracy'; nearest is 'performance.accuracy', see 'reliability checks'",
        ),
        ("format: 1\n", "", "1:1: 'format' is missing; add it"),
        ("severity: critical", "severity: high", "16:9: 'severity' cannot be 'high'; one of critical, major, minor; "),
        ("requirement:", "requirment:", "12:9: unknown key 'requirment'; nearest is 'requirement'"),
        ("id: FAI-02", "id: PER-01", "17:9: id 'PER-01' is used already; ids are never used twice"),
        (
            "        source: house default\n        severity",
            "        severity",
            "13:9: the criterion on performance.accuracy states no source of its limit; add 'source'",
        ),
    ],
)
def test_refusal_says_where_what_and_what_to_do(tmp_path, old, new, line):
    with pytest.raises(ChecklistError) as caught:
        read(tmp_path, changed(old, new))

    assert str(caught.value).startswith(f"{tmp_path / 'small.yaml'}:{line}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("at_least: 0.75", "at_least: abc", "14:9: 'at_least' cannot be 'abc': write a number"),
        ("at_least: 0.75", "at_most: true", "14:9: 'at_most' cannot be True: write a number"),
        ("at_least: 0.75", "equals: 1e999", "14:9: 'equals' cannot be '1e999': write a number"),
        ("at_least: 0.75", "between: [0.1]", "14:9: 'between' cannot be [0.1]: write two numbers, as in [0.8, 1.25]"),
        ("at_least: 0.75", "between: 0.1", "14:9: 'between' cannot be 0.1: write two numbers"),
        ("at_least: 0.75", "between: [0, 1, 2]", "14:9: 'between' cannot be [0, 1, 2]: write two numbers"),
        ("at_least: 0.75", "between: [a, 1]", "14:19: 'between' cannot be 'a': write two numbers"),
        ("sections:\n", "sections:\n  - {id: X, items: }\n", "8:13: 'items' cannot be None: write a list of items"),
        ("checklist: small", "checklist: 1", "1:1: 'checklist' cannot be 1: it is the checklist's name, as in 'checklist: ours'; the format is"),
        ("references: [TTA-09]", "references: TTA-09", "27:9: 'references' cannot be 'TTA-09': write a list"),
        ("references: [TTA-09]", "references: [1]", "27:22: 'references' cannot be 1: write text; put it in quotes"),
        ("report: true", "report: yes", "22:43: 'report' cannot be 'yes': write true or false (yes is text in YAML 1.2)"),
        ("open_minor: 3", "open_minor: few", "6:52: 'open_minor' cannot be 'few': write a whole number"),
        ("remedy: {ko: 고친다., en: Mend it.}", "remedy: Mend.", "28:9: 'remedy' cannot be 'Mend.': write a mapping"),
        ("format: 1", "format: true", "2:1: 'format' cannot be True: write 1"),
        ("at_least: 0.75", "confidence: 0.5", "14:9: 'confidence' does not belong here; it is set once, under 'decision'"),
        ("at_least: 0.75", "open_minor: 3", "14:9: 'open_minor' does not belong here; it is set once, under 'outcome'"),
        ("at_least: 0.75", "sections: []", "14:9: 'sections' is a key of another place; move it there, or remove it"),
        ("at_least: 0.75", "critical: pass", "14:9: 'critical' is a key of another place; move it there"),
        ("minimum_group_size: 30", "minimum_group_size: 0", "20:52: option 'minimum_group_size' of fairness.selection_rate_ratio must be at least 1, not 0"),
        ("minimum_group_size: 30}", "minimum_group_size: 30}, by: []", "20:84: 'by' names no column; name one, or leave"),
        ("minimum_group_size: 30}", "minimum_group_size: 30}, by: [g, g]", "20:84: 'by' names 'g' twice; name it once"),
        ("minimum_group_size: 30", f"minimum_group_size: {2**60}", "20:52: 1152921504606846976 is too large; whole numbers go from -9,007,199,254,740,991 to 9,007,199,254,740,991"),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_answered_by_what_to_write(tmp_path, old, new, line):
    with pytest.raises(ChecklistError) as caught:
        read(tmp_path, changed(old, new))

    assert str(caught.value).startswith(f"{tmp_path / 'small.yaml'}:{line}")


@pytest.mark.parametrize(
    "spelt",
    [
        ("when: decides_about_people", "when: {}decides_about_people", "not "),
        ("when: decides_about_people", "when: {}", "x"),
        ("severity: critical", "severity: {}", "x"),
        ("check: performance.accuracy", "check: {}", "x"),
        ("{minimum_group_size: 30}", "{{minimum_group_size: {}}}", "x"),
        ("{minimum_group_size: 30}", "{{{}: 30}}", "x"),
        ("{minimum_group_size: 30}", "{{}}, by: {}", "x"),
        ("at_least: 0.75", "at_least: {}", "x"),
        ("at_least: 0.75", "{}: 0.75", "x"),
        ("escalate: {major: hiring}", "escalate: {{{}: hiring}}", "x"),
        ("open_minor: 3", "open_minor: {}", "9"),
    ],
)
def test_a_refusal_stays_short_when_what_it_shows_is_long(tmp_path, spelt):
    old, new, repeated = spelt

    with pytest.raises(ChecklistError) as caught:
        read(tmp_path, changed(old, new.format(repeated * 390)))

    said = str(caught.value).removeprefix(str(tmp_path))
    assert "…" in said
    assert len(said) < 300


@pytest.mark.parametrize("limit", [2**53 - 1, 1 - 2**53, 1e300, -1e300, 0])
def test_a_limit_is_taken_when_a_record_can_hold_it(tmp_path, limit):
    text = changed("performance.accuracy\n", "calibration.calibration_slope\n")
    checklist = read(tmp_path, changed("at_least: 0.75", f"at_least: {limit!r}", text))

    assert checklist.item("PER-01").criteria[0].at_least == limit
    assert json.loads(canonical_json(checklist.content)) is not None


@pytest.mark.parametrize("limit", [2**53, -(2**53), 10**399])
@pytest.mark.parametrize("key", ["at_least", "at_most", "equals"])
def test_a_limit_is_refused_when_a_record_cannot_hold_it(tmp_path, key, limit):
    assert refused(tmp_path, changed("at_least: 0.75", f"{key}: {limit}")) == ("checklist_number_too_large", "14:9")


@pytest.mark.parametrize("performance", [{"check": "performance.accuracy", "with": {"x": 2**53}, "at_least": 0.5}])
def test_a_declared_option_that_no_check_takes_is_refused_by_name(performance):
    with pytest.raises(ChecklistError, match=r"submission\.yaml:9: performance\.accuracy takes no options; remove 'x'"):
        declared_level(performance, where="submission.yaml:9")
