import json
import re

import pytest

from reliability.checklist.catalogue import checks
from reliability.checklist.read import read_checklist
from reliability.cli.explaining import TERMS, _about, _ideal, _suffices, _why_unknown, explanation, helpers
from reliability.errors import UsageError
from reliability.facts import FACTS
from reliability.records import REASONS, Criterion
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
    assert bool(HANGUL.search(re.sub(r"(?m)^References:\n(  .*\n)*", "", text))) is (lang == "ko")


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
    assert "Applies when:\n  Does the system decide, " in said
    assert "? Yes (decides_about_people)\n  and Is the task classification? Yes (classification)\n" in said
    assert {"References:", "Remedy: "} <= set(re.findall(r"References:|Remedy: ", said))


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
    assert best == "    best case: about 36 rows in all (every answer is right)"
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

    assert "‘X’, fewer than 5 of the 200 rows there are" in told


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


@pytest.mark.parametrize("check", ["leakage.identifier_auc", "drift.population_stability_index"])
def test_a_limit_is_no_percentage_where_the_value_is_none(check):
    criterion = Criterion(check=check, at_most=0.6, source="house default")
    content = {**CONTENT, "sections": [{"items": [{
        "id": "X-01", "severity": "minor", "requirement": {"ko": "무엇", "en": "What"},
        "criteria": [criterion.model_dump(mode="json", by_alias=True)],
    }]}]}  # fmt: skip

    assert ": ≤ 0.60, " in explanation("X-01", content, words("en"))


def test_an_item_tells_its_limits_in_one_unit_above_and_below(run, submission):
    out = run("explain", "FAI-03", submission).out

    assert out.count("≤ 10 pp") == 4
    assert "≤ 0.10" not in out


@pytest.mark.parametrize(
    ("check", "key"),
    [
        ("fairness.mantel_haenszel_selection_ratio", "group_strata"),
        ("fairness.standardized_selection_rate_difference", "group_strata"),
        ("fairness.scoring_rate_ratio", "fairness.scoring_rate_ratio"),
    ],
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_rests_on_counts_alone_is_not_said_to_vary(check, key, lang):
    needed = Needed(criterion=Criterion(check=check, at_least=0.8), n=200, why="spread_unknown")

    assert _why_unknown(needed, words(lang)) == words(lang).text(f"cli.needed.spread_unknown.{key}")


def test_rows_are_said_to_be_all_rows_or_those_of_a_group(run, submission):
    _, _, best, equal, group, _ = rows_needed(run, "FAI-02", submission)

    assert " rows in all " in best
    assert " rows in all " in equal
    assert group.strip() == "smallest group now: ‘F’, 100 of the 200 rows there are"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("check", checks())
def test_what_the_documentation_of_a_check_names_can_be_explained(check, lang):
    bare = {name.rpartition(".")[2] for name in checks()}
    named = set(re.findall(r"`(\w+)`", checks()[check].description)) & {*helpers(), *bare, *REASONS}

    for one in named:
        text = explanation(one, CONTENT, words(lang))
        assert len(text) > len(one) + 10
        assert lang == "en" or HANGUL.search(text)


def test_a_calculation_is_explained_by_its_own_documentation(run):
    assert "Interval of the area under the ROC curve" in run("explain", "auc_interval").out
    assert "widest_ratio" in run("explain", "widest_ratio").out


def test_near_names_are_told_once():
    with pytest.raises(UsageError) as refused:
        explanation("intervall", CONTENT, words("en"))

    near = refused.value.values["near"].split(", ")
    assert near[0] == "interval"
    assert len(near) == len(set(near))
