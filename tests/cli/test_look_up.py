import json
import re

import pytest

from reliability.checklist.catalogue import checks
from reliability.checklist.read import names, read_checklist
from reliability.cli.explaining import TERMS, _about, _ideal, _suffices, explanation
from reliability.errors import UsageError
from reliability.facts import FACTS
from reliability.records import Criterion
from reliability.smallest_n import Needed
from reliability.words.text import words
from tests import small_case
from tests.small_case import handed_in

LANGUAGES = ("ko", "en")
CONTENT = read_checklist("trustworthy-ai").content
ITEMS = [item["id"] for section in CONTENT["sections"] for item in section["items"]]
HANGUL = re.compile("[가-힣]")
DECLARED = "performance: {check: performance.accuracy, at_least: 0.9}\n"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("what", [*ITEMS, *checks(), *FACTS, *TERMS])
def test_everything_there_is_can_be_explained(what, lang):
    text = explanation(what, CONTENT, words(lang))

    assert len(text) > len(what) + 10
    assert "None" not in text
    # References keep the names of Korean laws in either language.
    assert bool(HANGUL.search(re.sub("(?m)^References: .*", "", text))) is (lang == "ko")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_found_by_the_word_that_reports_print(term, lang):
    said = words(lang)

    assert explanation(said.text(f"term.{term}"), CONTENT, said).endswith(said.text(f"term.{term}.explain"))


@pytest.mark.parametrize("what", ["fai-02", "FAI-02"])
def test_an_item_is_explained_with_limit_rule_condition_and_remedy(run, what):
    said = run("explain", what).out

    assert "FAI-02  [Critical]" in said
    assert re.search(r"≥ 0\.80, .+, house default", said)
    assert {"Applies when: decides_about_people", "References: ", "Remedy: "} <= set(re.findall(
        r"Applies when: decides_about_people|References: |Remedy: ", said
    ))  # fmt: skip


def test_korean_explanations_say_korean_words_for_the_source(run):
    assert "기관 기본값" in run("explain", "FAI-02", lang="ko").out
    assert "house default" not in run("explain", "FAI-02", lang="ko").out


def test_an_unknown_word_is_refused_with_its_near_ones():
    with pytest.raises(UsageError, match=r"'conditionl_pass': .*near: conditional_pass"):
        explanation("conditionl_pass", CONTENT, words("en"))


def test_explain_reads_a_checklist_of_ones_own(run, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "checklist: mine\nformat: 1\nversion: 1.0.0\ntitle: {ko: 내 것, en: Mine}\nextends: [trustworthy-ai]\n"
    )

    assert run("explain", "FAI-02", "--checklist", path).out == run("explain", "FAI-02").out


def test_explain_as_json_holds_the_same_text(run):
    told = json.loads(run("explain", "guarded", "--json").out)

    assert told["text"] + "\n" == run("explain", "guarded").out


@pytest.fixture(scope="module")
def submission(tmp_path_factory):
    return handed_in(tmp_path_factory.mktemp("handed_in"), text=DECLARED).manifest_path.parent


def rows_needed(run, item, submission, lang="en"):
    """What is said of the rows that an item needs."""
    told = run("explain", item, submission, lang=lang).out
    assert told.startswith(run("explain", item, lang=lang).out.rstrip("\n"))
    return told.removeprefix(run("explain", item, lang=lang).out.rstrip("\n")).strip().splitlines()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_explain_tells_the_rows_that_an_item_needs_on_a_submission(run, submission, lang):
    title, criterion, best, equal, group, verdict = rows_needed(run, "FAI-02", submission, lang)

    assert title == words(lang).text("cli.needed", n="200")
    assert criterion.endswith("(sex): ≥ 0.80")
    assert "60" in best
    assert "50%" in equal
    assert "‘F’" in group
    assert "100" in group
    assert verdict.strip() == words(lang).text("cli.needed.enough_at_best")


def test_explain_says_what_is_assumed_of_a_rate(run, submission):
    _, criterion, best, halfway, verdict = rows_needed(run, "PER-01", submission)

    assert criterion == "· Accuracy: ≥ 90%"
    assert best == "    best case: about 36 rows (every answer is right)"
    assert "at 95%: about " in halfway
    assert verdict == "    if the result is as assumed above, the rows there are suffice."


@pytest.mark.parametrize(
    ("item", "key"),
    [("GOV-01", "asked"), ("PER-04", "spread_unknown"), ("DAT-02", "value_decides"), ("ROB-01", "lacking")],
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_explain_says_why_no_number_of_rows_is_told(run, submission, item, key, lang):
    told = rows_needed(run, item, submission, lang)

    assert words(lang).text(f"cli.needed.{key}") in [line.strip() for line in told]


def test_explain_as_json_lists_what_every_criterion_needs(run, submission):
    told = json.loads(run("explain", "FAI-03", submission, "--json").out)

    assert told["rows"] == 200
    assert [one["criterion"]["check"] for one in told["needed"]] == [
        "fairness.true_positive_rate_difference", "fairness.false_positive_rate_difference",
    ]  # fmt: skip
    assert all(one["best"] < one["likely"] for one in told["needed"])


def test_explain_prints_no_size_of_a_group_under_five(run, tmp_path, monkeypatch):
    rows = small_case.table()
    sexes = ["X"] * 3 + rows["sex"].to_pylist()[3:]
    monkeypatch.setattr(small_case, "table", lambda _rows: rows.set_column(2, "sex", [sexes]))
    told = run("explain", "FAI-02", handed_in(tmp_path).manifest_path).out

    assert "‘X’, fewer than 5 rows" in told


@pytest.mark.parametrize("what", ["guarded", "performance.accuracy", "FAI-99"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_only_an_item_is_tried_on_a_submission(run, submission, what, lang):
    ran = run("explain", what, submission, lang=lang)

    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)


def test_a_submission_that_is_not_there_is_refused_in_one_line(run, tmp_path):
    ran = run("explain", "FAI-02", tmp_path / "nowhere")

    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert "nowhere" in ran.err


@pytest.mark.parametrize(
    ("n", "found", "key"),
    [
        (35, {"enough": False}, "too_few"),
        (37, {"enough": False}, "between"),
        (36, {"enough": True}, "enough"),
        (36, {"enough": True, "assumption": "halfway", "enough_as_assumed": False}, "enough_at_best"),
        (60, {"enough": True, "assumption": "halfway", "enough_as_assumed": True}, "enough_as_assumed"),
    ],
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_rows_suffice_for_is_said_without_more(n, found, key, lang):
    criterion = Criterion(check="performance.accuracy", at_least=0.9)

    assert _suffices(Needed(criterion=criterion, n=n, best=36, **found)) == key
    assert f"cli.needed.{key}" in words(lang)


def test_no_best_case_is_promised_beyond_equal_groups_where_none_is_known():
    criterion = Criterion(check="fairness.selection_rate_ratio", at_least=0.9)
    one = Needed(criterion=criterion, n=35, best=36, likely=36, assumption="equal_groups", enough=False)

    assert (_ideal(one), _suffices(one)) == ("best.equal", "too_few_as_assumed")


@pytest.mark.parametrize(("n", "text"), [(1, "1"), (36, "36"), (111, "120"), (3488, "3,500"), (1000, "1,000")])
def test_rows_are_told_in_two_digits_and_never_too_few(n, text):
    assert _about(n) == text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_facts_are_listed_with_question_and_origin(run, lang):
    listed = run("facts", lang=lang).out
    records = json.loads(run("facts", "--json", lang=lang).out)

    assert [record["fact"] for record in records] == list(FACTS)
    assert all(record["question"] in listed and record["why"] in listed for record in records)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_checks_are_listed_a_line_each(run, lang):
    lines = run("checks", lang=lang).out.splitlines()

    assert [line.split()[0] for line in lines] == list(checks())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_check_is_described_with_its_options(run, lang):
    said = run("checks", "fairness.selection_rate_ratio", lang=lang).out

    assert "minimum_group_size: int = 30" in said
    assert ("References" in said) is (lang == "en")


def test_checks_as_json_name_evidence_and_options(run):
    records = json.loads(run("checks", "--json").out)

    by_name = {record["check"]: record for record in records}
    assert list(by_name) == list(checks())
    assert by_name["performance.accuracy"]["evidence"] == ["confusion_matrix"]
    assert by_name["fairness.selection_rate_ratio"]["compares_groups"] is True


@pytest.mark.parametrize("lang", LANGUAGES)
def test_checklists_are_listed_and_shown(run, lang):
    assert [line.split()[0] for line in run("checklists", lang=lang).out.splitlines()] == list(names())
    shown = run("checklists", "trustworthy-ai", lang=lang).out

    assert [item for item in ITEMS if f"  {item}  [" not in shown] == []


def test_a_checklist_as_json_is_the_resolved_content(run):
    (content,) = json.loads(run("checklists", "trustworthy-ai", "--json").out)

    assert content == json.loads(json.dumps(CONTENT))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_validate_accepts_a_good_checklist_and_places_the_fault_of_a_bad_one(run, tmp_path, lang):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    text = "checklist: mine\nformat: 1\nversion: 1.0.0\ntitle: {ko: 내 것, en: Mine}\nextends: [trustworthy-ai]\n"
    good.write_text(text, encoding="utf-8")
    bad.write_text(f"{text}colour: red\n", encoding="utf-8")

    assert run("checklists", "validate", good, lang=lang).status == 0
    assert json.loads(run("checklists", "validate", good, "--json").out)["valid"] is True
    refused = run("checklists", "validate", bad, lang=lang)
    assert (refused.status, refused.out) == (2, "")
    assert re.search(r"bad\.yaml:6:1: .*colour", refused.err)


OWN = """\
checklist: mine
format: 1
version: 1.0.0
title: {ko: 내 것, en: Mine}
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
        severity: critical
"""
FAULTS = {
    "a key that is missing": ("        severity: critical\n", "", "11:9", "severity"),
    "an unknown key": ("        at_least:", "        at_lest:", "14:9", "at_lest"),
    "a doubled key": ("format: 1\n", "format: 1\nformat: 1\n", "3:1", "format"),
    "a key of another place": ("        severity:", "        open_minor: 3\n        severity:", "16:9", "open_minor"),
    "a check that is not there": ("performance.accuracy", "performance.acuracy", "13:9", "performance.accuracy"),
    "an option that is not there": ("        at_least:", "        with: {bins: 3}\n        at_least:", "14:9", "bins"),
    "a severity that is not there": ("severity: critical", "severity: grave", "16:9", "grave"),
    "a rule that is not there": ("rule: four_way", "rule: fourway", "5:12", "four_way"),
    "text for a number": ("0.75", "high", "14:9", "at_least"),
    "a number beyond JSON": ("0.75", "99999999999999999999", "14:9", "99999999999999999999"),
    "two limits": ("        source:", "        at_most: 0.9\n        source:", "13:9", "performance.accuracy"),
    "limits in reverse": ("at_least: 0.75", "between: [0.9, 0.1]", "14:9", "0.9"),
    "no source of a limit": ("        source: house default\n", "", "13:9", "source"),
    "a condition that does not parse": (
        "        severity:",
        "        when: hiring and\n        severity:",
        "16:9",
        "hiring",
    ),
    "a condition on no fact": ("        severity:", "        when: hirring\n        severity:", "16:9", "hirring"),
    "one language only": ("{ko: 맞힌다., en: It is right.}", "{ko: 맞힌다.}", "12:9", "en"),
    "a format of the future": ("format: 1", "format: 2", "2:1", "2"),
    "a checklist to extend that is not there": ("decision:", "extends: [bse]\ndecision:", "5:1", "bse"),
    "an item to drop that is not there": ("decision:", "drop: [PER-09]\ndecision:", "5:", "PER-09"),
    "no YAML": ("title: {ko: 내 것, en: Mine}", "title: {ko: 내 것", "5:", ""),
    "a tag": ("0.75", "!!float 0.75", "14:19", "tag"),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("what", FAULTS)
def test_validate_names_line_and_column_of(run, tmp_path, what, lang):
    old, new, place, named = FAULTS[what]
    assert OWN.count(old) == 1
    path = tmp_path / "own.yaml"
    path.write_text(OWN.replace(old, new), encoding="utf-8")
    ran = run("checklists", "validate", path, lang=lang)

    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert f"{path}:{place}" in ran.err
    assert lang == "ko" or named in ran.err.split(f"{path}:{place}")[1]


def test_validate_accepts_the_checklist_that_the_faults_are_made_from(run, tmp_path):
    (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")
    told = json.loads(run("checklists", "validate", tmp_path / "own.yaml", "--json").out)

    assert told == {"path": str(tmp_path / "own.yaml"), "checklist": "mine", "version": "1.0.0", "valid": True}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_checklist_of_ones_own_is_shown_with_severity_and_requirement(run, tmp_path, lang):
    (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")
    said = words(lang)

    assert run("checklists", tmp_path / "own.yaml", lang=lang).out.splitlines() == [
        {"ko": "내 것 1.0.0", "en": "Mine 1.0.0"}[lang], "", {"ko": "성능", "en": "Performance"}[lang],
        f"  PER-01  [{said.text('severity.critical')}] " + {"ko": "맞힌다.", "en": "It is right."}[lang],
    ]  # fmt: skip


@pytest.mark.parametrize("arguments", [("checklists",), ("explain", "PER-01", "--checklist")])
def test_a_checklist_of_somebody_else_cannot_steer_the_terminal(run, tmp_path, arguments):
    text = OWN.replace("It is right.", '"right\\u202E\\u009B2J"').replace("en: Mine", 'en: "Mine\\u202E"')
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    ran = run(*arguments, tmp_path / "own.yaml")

    assert ran.status == 0
    assert "right��2J" in ran.out
    assert not {"\u202e", "\x9b"} & set(ran.out)


@pytest.mark.parametrize(
    ("name", "near"), [("trustworthy", "trustworthy-ai"), ("trustworthy_ai", "trustworthy-ai")]
)  # fmt: skip
def test_a_checklist_that_is_not_shipped_is_refused_with_the_near_one(run, name, near):
    ran = run("checklists", name)

    assert (ran.status, ran.out) == (2, "")
    assert f"nearest is '{near}'" in ran.err


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_asked_item_is_explained_with_question_and_evidence(run, lang):
    item = next(item for section in CONTENT["sections"] for item in section["items"] if item["id"] == "GOV-01")
    told = run("explain", "GOV-01", lang=lang).out

    assert item["ask"][lang] in told
    assert f"{words(lang).text('cli.evidence')}: {item['evidence'][lang]}" in told


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_declared_criterion_is_explained_as_the_companys_own(run, lang):
    assert f"· {words(lang).text('cli.declared')}" in run("explain", "PER-01", lang=lang).out.splitlines()


@pytest.mark.parametrize("wanted", ["conditional pass", "Conditional Pass", " conditional-pass ", "conditional_pass"])
def test_a_term_is_found_however_it_is_written(wanted):
    assert explanation(wanted, CONTENT, words("en")) == explanation("conditional_pass", CONTENT, words("en"))


@pytest.mark.parametrize("what", ["", " ", "질문", "\x1b[2J"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_to_explain_is_refused_in_one_harmless_line(run, what, lang):
    ran = run("explain", what, lang=lang)

    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert "\x1b" not in ran.err


def test_a_fact_says_whether_it_is_stated_or_derived(run):
    listed = run("facts").out

    assert listed.count(f"({words('en').text('cli.origin.stated')})") == sum(
        fact.origin == "stated" for fact in FACTS.values()
    )


@pytest.mark.parametrize("name", list(checks())[::5])
def test_a_check_as_json_is_the_one_asked_for_with_its_title(run, name):
    (record,) = json.loads(run("checks", name, "--json", lang="ko").out)

    assert (record["check"], record["title"]) == (name, words("ko").text(f"check.{name}"))
    assert set(record["options"]) == set(checks()[name].options)
