import re
from dataclasses import replace

import pytest

from reliability.changes import Comparison
from reliability.compare.cases import Case
from reliability.compare.comparison import compare
from reliability.records import Answer, EvidenceFile
from reliability.reports.comparison import comparison_view
from reliability.words.text import LANGUAGES, words
from tests.compare.two_cases import told
from tests.reports.sample import AGE, assessment, compared, content, finding, group, measured, result

HANGUL = re.compile("[가-힣]")


@pytest.fixture(scope="module")
def better(tmp_path_factory):
    return told(tmp_path_factory.mktemp("better"), range(80), range(8))


def sample(**changes):
    return Case(assessment=assessment(**changes))


def changed(item, **changes):
    """The sample with something else in one finding."""
    findings = tuple(one.model_copy(update=changes) if one.item == item else one for one in assessment().findings)
    return sample(findings=findings)


def against(other: Case, lang="en"):
    """The view of the sample against another case."""
    return comparison_view(compare(sample(), other), words(lang))


def line(view, name):
    """The line of a measurement by the start of its name."""
    return next(one for group in view.measured for one in group.lines if one.name.startswith(name))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_comparison_speaks_one_language(better, lang):
    view = comparison_view(better, words(lang))
    said = [view.statement, *view.sentences, view.unchanged, *(row.text for row in view.methods)]
    said += [one.word for group in view.measured for one in group.lines]

    assert {bool(HANGUL.search(text)) for text in said if text} == {lang == "ko"}


def test_the_statement_tells_the_outcome_before_and_after():
    view = against(sample(outcome="conforms"))

    assert view.statement == "The outcome went from “Does not conform” to “Conforms”"
    assert (view.before.outcome, view.after.outcome) == ("does_not_conform", "conforms")


def test_the_statement_says_that_the_outcome_is_as_before():
    assert against(sample(seed=7)).statement == "The outcome is “Does not conform”, as before"


def test_two_equal_records_are_said_to_be_equal_and_nothing_else():
    view = against(sample())

    assert view.statement == "The two records differ in nothing but their dates"
    assert (view.sentences, view.measured, view.verdicts, view.answers, view.inputs) == ((), (), (), (), ())


def test_sentences_count_verdicts_and_what_is_more_than_chance(better):
    view = comparison_view(better, words("en"))

    assert view.sentences[0] == "No item has another verdict."
    assert re.fullmatch(
        r"\d judged measurements have other values; \d of them by more than chance \(\d better\)\.", view.sentences[1]
    )
    assert "400 rows" in view.sentences[2]


def test_one_of_a_kind_is_told_in_the_singular():
    view = against(changed("FAI-02", verdict="pass"))

    assert view.sentences[0] == "One item has another verdict."


def test_nothing_shown_is_said_as_such(tmp_path):
    view = comparison_view(told(tmp_path, range(80), range(2, 80)), words("en"))

    assert "none of them differs by more than chance" in view.sentences[1]
    assert {group.claim for group in view.measured} <= {"not_shown", "untested"}


def test_a_case_that_is_older_than_the_one_before_is_warned_of():
    dates = assessment().dates
    early = dates.model_copy(update={"finished": dates.finished.replace(year=2025)})

    assert "check the order" in against(sample(dates=early)).warnings[0]
    assert against(sample(seed=7)).warnings == ()


def test_another_system_is_warned_of():
    one = assessment().subject
    other = one.model_copy(update={"system": one.system | {"name": "다른 모델"}})

    assert "different systems" in against(sample(subject=other)).warnings[0]


def test_another_checklist_is_warned_of():
    used = assessment().checklist
    other = used.model_copy(update={"id": "hiring", "sha256": "01" * 32})

    assert "different checklists" in against(sample(checklist=other)).warnings[0]


def test_a_checklist_that_asks_otherwise_is_warned_of():
    used = assessment().checklist
    stricter = content() | {"decision": {"rule": "guarded", "confidence": 0.95}}
    other = used.model_copy(update={"sha256": "01" * 32, "content": stricter})

    assert "because of the checklist" in against(sample(checklist=other)).warnings[0]


def test_a_verdict_is_told_with_its_item_and_title_and_severity():
    (one,) = against(changed("FAI-02", verdict="pass", severity="major")).verdicts

    assert (one.item, one.before_word, one.after_word, one.severity) == ("FAI-02", "Fail", "Pass", "Critical → Major")
    assert one.title


def test_what_is_worse_stands_first_and_untested_last(tmp_path):
    view = comparison_view(told(tmp_path, range(8), range(80)), words("en"))
    order = [group.claim for group in view.measured]

    assert order[0] == "worse"
    assert order[-1] == "untested"


def test_a_measurement_is_told_with_both_intervals_and_the_difference(better):
    one = line(comparison_view(better, words("en")), "Accuracy")

    assert (one.before, one.after) == ("80.0%", "98.0%")
    assert re.fullmatch(r"7\d\.\d% – 8\d\.\d%", one.before_interval)
    assert one.difference == "+18.0 pp"
    assert re.fullmatch(r"\+1\d\.\d pp – \+2\d\.\d pp", one.interval)
    assert (one.limit, one.n, one.p_value, one.word) == ("≥ 50%", "n = 400", "adjusted p < 0.001", "Better")
    assert one.notes == ("the same rows, paired",)


def test_a_loss_has_its_minus_sign(tmp_path):
    one = line(comparison_view(told(tmp_path, range(8), range(80)), words("en")), "Accuracy")

    assert one.difference == "−18.0 pp"


def test_slices_are_said_to_be_unpaired_and_conservative(better):
    one = line(comparison_view(better, words("en")), "Accuracy · F")

    assert one.notes == ("unpaired, conservative",)


def test_the_pair_is_named_with_its_shares_and_what_the_difference_is_of(tmp_path):
    view = comparison_view(told(tmp_path, range(2, 242, 4), ()), words("en"))
    one = line(view, "Selection-rate difference")

    assert one.of == "Change of that pair's gap"
    assert re.match(r"M \d+\.\d% → \d+\.\d% / F \d+\.\d% → \d+\.\d%", one.notes[0])
    assert one.notes[1] == "the two groups that differed most before, unpaired, conservative"


def test_untested_measurements_stand_by_reason(better):
    groups = [group for group in comparison_view(better, words("en")).measured if group.claim == "untested"]

    assert [group.why for group in groups] == ["Reported only."]
    assert groups[0].heading == "One measurement has another value and was not tested"


def test_unchanged_measurements_are_counted(better):
    same = sum(one.claim == "same" for one in better.measurements)

    assert comparison_view(better, words("en")).unchanged.startswith("One other" if same == 1 else f"The other {same}")


def small_groups(sizes):
    """The sample with selection rates by age whose smallest groups have so many people."""
    rows = [(level, value, low, high, n) for (level, value, low, high, _), n in zip(AGE, sizes, strict=True)]
    one = compared("fairness.selection_rate_ratio", "age", (0.66, 0.47, 0.84), rows, "ratio")
    return one.model_copy(update={"details": one.details | {"groups": [group("age", *row) for row in rows]}})


def alone(item, *measurements, **limit):
    """A case of one finding with these measurements, so that nothing else tells the size of a group."""
    verdict = finding(item).verdict
    one = result(verdict, measurements[0], **limit).model_copy(update={"measurements": measurements})
    return sample(findings=(finding(item).model_copy(update={"criteria": (one,)}),))


def test_the_rows_of_a_comparison_are_withheld_where_they_tell_how_few_were_left_out():
    before, after = (small_groups((412, 988, 871, few)) for few in (3, 4))
    other = after.model_copy(update={"value": 0.5})
    view = comparison_view(
        compare(alone("FAI-02", before, at_least=0.8), alone("FAI-02", other, at_least=0.8)), words("en")
    )

    assert line(view, "Selection-rate ratio").n == words("en").text("report.n_withheld")


def slices(first, second):
    """Accuracy of a large group and of one of three people."""
    return tuple(
        measured("performance.accuracy", (value, value - 0.1, value + 0.1), n=n).model_copy(
            update={"by": ("sex",), "slice": {"sex": level}}
        )
        for level, value, n in (("남", first, 1000), ("여", second, 3))
    )


def test_a_slice_of_a_few_people_is_withheld_with_its_difference():
    cases = [alone("PER-05", *slices(*values), report=True, rule=None) for values in ((0.8, 0.5), (0.7, 0.9))]
    view = comparison_view(compare(*cases), words("en"))
    lines = [one for grouped in view.measured for one in grouped.lines]

    # The other group is withheld too: alone it would give the small one away.
    assert [one.before for one in lines] == ["–", "–"]
    assert {(one.difference, one.interval, one.n, one.scale) for one in lines} == {("", "", "", None)}


def test_where_no_measurement_changed_nothing_is_said_of_chance():
    view = against(sample(seed=7))

    assert view.sentences == ("No item has another verdict.",)
    assert re.fullmatch(r"All \d+ measurements are as before\.", view.unchanged)


def test_changes_that_cannot_be_tested_are_said_to_be_so():
    other = finding("PER-05").criteria[0]
    changed_value = other.measurements[0].model_copy(update={"value": 0.7})
    view = against(changed("PER-05", criteria=(other.model_copy(update={"measurements": (changed_value,)}),)))

    assert "no judged measurement" in view.sentences[1]


def test_an_answer_is_told_with_what_else_of_it_is_new():
    new = Answer(
        answer="met", by="김하늘", date="2026-12-01", note="게시를 마쳤다.", checked_by="박검토",
        evidence=(EvidenceFile(path="evidence/page.png", sha256="cd" * 32),),
    )  # fmt: skip
    (one,) = against(changed("GOV-02", answer=new, verdict="pass")).answers

    assert (one.before, one.after) == ("Partly met", "Met")
    assert one.details == (
        "New note: 게시를 마쳤다.", "Answered by: 김하늘 · 2026-12-01", "Checked by: 박검토",
        "Changed evidence: evidence/page.png, evidence/policy.pdf",
    )  # fmt: skip


def test_an_answer_that_is_gone_is_told():
    (one,) = against(changed("GOV-02", answer=None, verdict="not_assessed")).answers

    assert (one.before, one.after) == ("Partly met", "No answer")
    assert "The note is gone" in one.details


def test_what_only_one_of_them_has_is_listed():
    findings = tuple(one for one in assessment().findings if one.item not in {"FAI-02", "GOV-01"})
    view = against(sample(findings=findings))

    assert {row.name for row in view.only} == {"Only before · FAI-02", "Only before · GOV-01"}


def test_methods_explain_only_what_was_used(better):
    view = comparison_view(better, words("en"))
    names = [row.name for row in view.methods]

    assert names[:2] == ["Rows", "Claims"]
    assert "Shares of the same rows (Newcombe, McNemar)" in names
    assert "Counted in full (no sampling error)" not in names
    assert "5% at most" in view.methods[1].text


def test_digests_of_both_records_are_whole(better):
    codes = [row.code for row in comparison_view(better, words("en")).digests]

    assert f"sha256 {better.before.sha256}" in codes
    assert f"sha256 {better.after.sha256}" in codes


def test_the_sheet_is_dated_by_the_later_case(better):
    view = comparison_view(better, words("en"))

    assert view.cover.created == better.after.finished.isoformat()
    assert view.cover.subtitle == "심사 모델 1.0 → 심사 모델 2.0"


@pytest.mark.parametrize(
    "reason", ["other_rows", "no_rows", "rows_cut", "clustered_rows", "rows_differ", "no_predictions"]
)
def test_it_is_said_why_rows_were_not_paired(better, reason):
    rows = better.rows.model_copy(update={"paired": False, "n": 0, "reason": reason})
    view = comparison_view(Comparison.model_validate(better.model_copy(update={"rows": rows})), words("en"))

    assert view.sentences[-1] == words("en").text(f"compare.rows.{reason}")


def test_the_same_case_twice_has_one_view():
    one = sample()

    assert against(replace(one)) == against(one)
