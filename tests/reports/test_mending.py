import re

import pytest

from reliability.advice import Confirmed, Decisions
from reliability.records import Criterion, CriterionResult, Finding, Measurement, Reason
from reliability.reports.consultation import Consultation, with_advice
from reliability.reports.findings import finding_views
from reliability.reports.mending import (
    Teller,
    criterion_of,
    decisions_text,
    is_shown,
    own_number,
    place,
    rows_needed,
    statement,
)
from reliability.reports.withheld import Withheld
from reliability.words.text import LANGUAGES, words
from tests.reports.advised import FINDINGS, HELPS, PASSES, RATIOS, N, advice, change, gain, number, ratio, with_finding
from tests.reports.sample import SEX, assessment

HANGUL = re.compile("[가-힣]")
FAIR = next(one for one in assessment().findings if one.item == "FAI-02")
NOTHING = Withheld.of(())


def told(item, lang="en", given=None):
    """What a report tells of one finding of the sample."""
    views = with_advice(tuple(finding_views(assessment(), words(lang))), assessment(), Consultation(
        advice=given or advice()), words(lang))  # fmt: skip
    return next(view for view in views if view.item == item)


@pytest.fixture(scope="module")
def mending():
    return told("FAI-02").mending


def test_before_and_after_are_of_the_rows_that_confirm_with_their_intervals(mending):
    own = mending.remedies[0].own

    assert (own.before, own.before_interval) == ("0.68", "0.55 – 0.82")
    assert (own.after, own.after_interval) == ("0.91", "0.83 – 0.99")
    assert (own.gain, own.gain_interval) == ("+0.23", "+0.11 – +0.35")


def test_the_number_as_assessed_stands_beside(mending):
    assert mending.number == "Selection-rate ratio between groups · sex"
    assert mending.assessed == "0.67 [0.55 – 0.79]"


def test_the_other_numbers_of_the_finding_are_told_too(mending):
    assert mending.remedies[0].others == ("Selection-rate ratio between groups · age: 0.68 → 0.70 [0.50 – 0.90]",)


def test_what_a_remedy_mends_and_breaks_elsewhere_is_told(mending):
    mended = {effect.item: effect.better for effect in mending.remedies[0].effects}

    assert mended == {"PER-01": False, "FAI-03": True}
    assert mending.remedies[0].moved == "Numbers move, verdicts stay: PER-04"
    assert "Membership inference AUC" in mending.remedies[0].not_measured


def test_gains_that_may_be_chance_are_told_from_others(mending):
    assert [(one.id, one.shown, one.passes) for one in mending.remedies] == [("R2", True, True), ("R3", False, False)]


def test_cautions_stand_with_their_remedy(mending):
    assert "unlawful" in mending.remedies[0].cautions[0]


def test_what_could_not_be_tried_is_told_with_its_reason(mending):
    assert [row.text for row in mending.untried] == ["no group has 100 rows", "there is nothing to change"]
    assert mending.less == "One more remedy was tried and did less on the rows that choose."


def test_data_defects_stand_with_the_finding(mending):
    (text,) = mending.repairs

    assert text.startswith("Repair 소득 first: 41 cells.")
    assert "would be 0.72" in text
    assert "40.0% of the rows with such a cell, in 26.0%" in text


def test_biased_labels_are_cautioned_against_only_where_they_may_be(mending):
    assert mending.biased == "Measured against labels that may be biased."
    assert told("FAI-02", given=with_finding(labels_may_be_biased=False)).mending.biased == ""


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("GOV-02", "asked"),
        ("FAI-03", "No remedy tried here makes it better."),
        ("PER-01", "fewer than 30 of the rows that confirm: ‘미상’"),
        ("DAT-03", "could be tried"),
        ("FAI-02", "One remedy makes it pass on the rows that confirm: R2."),
    ],
)
def test_every_finding_says_what_its_remedies_come_to(item, text):
    assert text.replace("‘", "").replace("’", "") in told(item).mending.statement.replace("‘", "").replace("’", "")


def test_that_none_passes_is_said_plainly():
    assert told("FAI-02", given=with_finding(passing=())).mending.statement == "No remedy tried here makes it pass."
    assert statement(RATIOS.model_copy(update={"confirmed": (), "passing": ()}), NOTHING, words("en")) == ""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_speaks_one_language(lang):
    given = told("FAI-02", lang).mending
    said = [given.statement, given.less, given.biased, given.remedies[0].decisions, *given.remedies[0].cautions,
            given.remedies[0].moved, given.remedies[0].effort, *(row.text for row in given.untried)]  # fmt: skip

    assert {bool(HANGUL.search(text)) for text in said} == {lang == "ko"}


def test_rows_that_would_decide_are_told_by_the_advice_and_not_twice():
    decides = told("FAI-03").decides

    assert [text for text in decides if "rows" in text] == [
        "True-positive-rate difference between groups (age): about 9,600 evaluation rows in all would decide it "
        "with 80 % probability, if the true value equals the estimate (now 2,412)."
    ]


def test_rows_of_another_kind_are_told_in_evaluation_rows():
    positives = FINDINGS[2].rows_needed[0].model_copy(update={"now": 98, "needed": 1200})
    (text,) = rows_needed(FINDINGS[2].model_copy(update={"rows_needed": (positives,)}), words("en"), 221)

    assert "about 2,700 evaluation rows in all" in text
    assert text.endswith("(now 221; 98 of them are measured now).")


def test_rows_of_the_evaluation_are_told_once():
    all_rows = FINDINGS[2].rows_needed[0].model_copy(update={"now": 221, "needed": 455})
    (text,) = rows_needed(FINDINGS[2].model_copy(update={"rows_needed": (all_rows,)}), words("en"), 221)

    assert "about 460 evaluation rows" in text
    assert "measured now" not in text


def test_too_many_rows_are_no_advice():
    assert "not practical" in told("PER-01").decides[0]


def test_no_number_of_rows_decides_what_lies_at_the_limit():
    at_limit = FINDINGS[2].rows_needed[0].model_copy(update={"needed": None, "why": "at_limit"})
    (text,) = rows_needed(FINDINGS[2].model_copy(update={"rows_needed": (at_limit,)}), words("en"), 2412)

    assert "no number of rows decides it" in text


@pytest.mark.parametrize(
    ("why", "text"), [("sample_size", "only if sample_size"), ("sampled", "a sample of a set size")]
)
def test_rows_that_a_sample_does_not_take_are_no_advice(why, text):
    sampled = FINDINGS[2].rows_needed[0].model_copy(update={"needed": None, "why": why})
    (told_,) = rows_needed(FINDINGS[2].model_copy(update={"rows_needed": (sampled,)}), words("en"), 2412)

    assert text in told_


def test_rows_of_a_check_on_two_files_say_that_both_have_to_grow():
    drifted = FINDINGS[2].rows_needed[0].model_copy(update={"check": "drift.population_stability_index"})
    (text,) = rows_needed(FINDINGS[2].model_copy(update={"rows_needed": (drifted,)}), words("en"), 2412)

    assert "the training data have to grow alike" in text


def test_what_settles_first_is_the_largest_number_of_rows():
    few = FINDINGS[2].rows_needed[0].model_copy(update={"needed": 3000})
    both = FINDINGS[2].model_copy(update={"rows_needed": (few, FINDINGS[2].rows_needed[0])})
    view = told("FAI-03", given=advice(findings=(both,)))

    assert "about 9,600" in view.settling
    assert view.settling.endswith("A smaller factor is enough for the other open measurements of this item.")


def test_without_advice_findings_stay_as_they_are():
    views = tuple(finding_views(assessment(), words("en")))

    assert with_advice(views, assessment(), Consultation(), words("en")) == views


def test_a_group_too_small_to_tell_has_no_figure():
    """The unknown sex is 14 of 2,423 in the sample; four of them are hidden."""
    rows = [*SEX[:2], ("미상", 0.5, 0.1, 0.9, 4)]
    groups = [{"slice": {"sex": name}, "value": value, "n": n} for name, value, _, _, n in rows]
    hidden = Withheld.of([ratio((0.6, 0.5, 0.7)).model_copy(update={"details": {"groups": groups}})])
    small = number("performance.accuracy", (0.9, 0.8, 1.0), "share", by=("sex",)).model_copy(
        update={"slice": {"sex": "미상"}}
    )
    change = Teller(advice(), hidden, words("en")).change(
        PASSES.numbers[0].model_copy(update={"before": small, "after": small})
    )

    assert (change.before, change.before_interval, change.after, change.gain, change.gain_interval) == (
        "–", "", "–", "", "",
    )  # fmt: skip


def test_a_value_that_was_not_measured_is_said_so():
    none = Measurement(value=None, n=0, unit="ratio", reason=Reason(code="no_selection"))

    assert Teller(advice(), NOTHING, words("en")).value(none) == (words("en").text("report.not_measured"), "")


def test_own_number_is_the_one_that_leads():
    assert own_number(PASSES, RATIOS) is PASSES.numbers[0]
    assert own_number(PASSES, RATIOS.model_copy(update={"leading": None})) is None
    assert criterion_of(FAIR, RATIOS) == FAIR.criteria[0].criterion
    assert criterion_of(FAIR, RATIOS.model_copy(update={"leading": RATIOS.leading | {"criterion": 9}})) is None


def one_criterion(**limit):
    result = CriterionResult(criterion=Criterion(check="a.b", **limit), verdict="fail", measurements=())
    return Finding(item="A", severity="major", verdict="fail", criteria=(result,))


@pytest.mark.parametrize(
    ("limit", "before", "low", "high", "shown"),
    [
        ({"at_least": 0.8}, 0.6, 0.01, 0.2, True),
        ({"at_least": 0.8}, 0.6, -0.01, 0.2, False),
        ({"at_least": 0.8}, 0.6, -0.2, -0.1, False),
        ({"at_most": 0.1}, 0.6, -0.2, -0.1, True),
        ({"at_most": 0.1}, 0.6, 0.1, 0.2, False),
        ({"between": (0.4, 0.6)}, 0.3, 0.05, 0.2, True),
        ({"between": (0.4, 0.6)}, 0.7, -0.2, -0.05, True),
        ({"between": (0.4, 0.6)}, 0.5, 0.05, 0.2, False),
        ({"equals": 1.0}, 0.9, 0.01, 0.1, True),
        ({"report": True}, 0.9, 0.01, 0.1, False),
    ],
)
def test_more_than_chance_is_a_gain_whose_interval_lies_towards_the_limit(limit, before, low, high, shown):
    moved = change((before, 0.0, 1.0), ((low + high) / 2, low, high))
    moved = moved.model_copy(update={"before": ratio((before, 0.0, 1.0))})

    assert is_shown(moved, one_criterion(**limit)) is shown


def test_a_gain_without_an_interval_is_not_shown():
    bare = gain(0.2, 0.1, 0.3).model_copy(update={"low": None})
    moved = change((0.9, 0.8, 1.0), (0.2, 0.1, 0.3)).model_copy(update={"gain": bare})

    assert not is_shown(moved, one_criterion(at_least=0.8))
    assert not is_shown(moved.model_copy(update={"gain": None}), one_criterion(at_least=0.8))


def test_verdicts_are_placed_the_worst_first():
    assert place("fail") < place("conditional_fail") < place("pass") < place("not_applicable")


def test_decisions_are_told_with_their_direction():
    assert decisions_text(HELPS.decisions, words("en")) == (
        "28 of 720 decisions change: 16 become favourable, 12 unfavourable."
    )
    assert decisions_text(None, words("en")) == ""
    unchanged = Decisions(n=N, changed=0, to_favourable=0, from_favourable=0)
    assert decisions_text(unchanged, words("en")) == "No decision changes."


def test_decisions_handed_to_people_are_told_with_coverage_and_errors():
    handed = Decisions(n=200, changed=0, to_favourable=0, from_favourable=0, handed_over=30, error_inside=0.1,
                       error_outside=None)  # fmt: skip
    text = decisions_text(handed, words("en"))

    assert "30 are handed to people" in text
    assert "decides 85.0%, wrong in 10.0%" in text
    assert "would be wrong in –" in text


def test_a_remedy_that_the_advice_does_not_list_is_passed_over():
    stranger = Confirmed(**(PASSES.model_dump() | {"remedy": "R99"}))
    given = told("FAI-02", given=with_finding(confirmed=(stranger, HELPS))).mending

    assert [one.id for one in given.remedies] == ["R3"]
