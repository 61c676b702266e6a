from dataclasses import replace

import pytest

from reliability.reports.consultation import Consultation, with_advice
from reliability.reports.findings import finding_views
from reliability.reports.next_steps import BRIEF, FIRST, MOST_LINES, MOST_MORE, Known, by_item, plan, steps
from reliability.reports.open_parts import open_parts
from reliability.reports.priorities import in_order
from reliability.reports.risk_entries import Entries, Entry
from reliability.reports.widths import half_widths
from reliability.words.text import LANGUAGES, words
from tests.reports.advised import FINDINGS, PASSES, RATIOS, advice, change, with_finding
from tests.reports.sample import assessment


def made(given=None, lang="en", entries=None):
    """The steps of the sample."""
    told, record = given or advice(), assessment()
    said = words(lang)
    views = with_advice(tuple(finding_views(record, said)), record, Consultation(advice=told), said)
    ordered = in_order(open_parts(view, said) for view in views)
    known = Known(advice=told, rows=2412, entries=entries or Entries())
    return steps(ordered, known, said)


def step(item, given=None, **asked):
    return by_item(made(given, **asked))[item]


@pytest.fixture(scope="module")
def every():
    return made()


def test_every_open_finding_has_a_step_and_the_worst_come_first(every):
    items = [one.item for each in every for one in each.items]

    assert items[0] == "FAI-02"
    assert sorted(items) == sorted(
        {"FAI-02", "TRA-01", "ROB-02", "GOV-02", "GOV-04", "FAI-03", "DAT-03", "DAT-07", "PER-01"}
    )
    assert [one.n for one in every] == list(range(1, len(every) + 1))


def test_a_remedy_after_which_a_finding_passes_is_what_to_do(every):
    first = every[0]

    assert (first.kind, first.remedy) == ("remedy", "R2")
    assert first.headline == "Apply R2: A threshold for every group: equal selection rates; sex"
    assert first.brings == ("FAI-02 Selection-rate ratio between groups · sex: 0.68 → 0.91 [0.83 – 0.99], Pass",)
    assert (first.who, first.effort) == ("whoever runs the decisions", "1 · thresholds")


def test_what_a_remedy_breaks_changes_and_warns_of_is_told_beside(every):
    costs = every[0].costs

    assert costs[0] == "PER-01 gets worse: Pass → Conditional pass"
    assert costs[1].startswith("74 of 720 decisions change")
    assert "unlawful" in costs[2]
    assert not [text for text in costs if "FAI-03" in text]


def test_a_remedy_that_may_help_by_chance_is_not_what_to_do():
    told = step("FAI-02", with_finding(passing=(), confirmed=(RATIOS.confirmed[1],)))

    assert told.kind == "item"
    assert told.brings == ("No remedy tried here makes it pass.",)


def test_a_remedy_that_helps_for_certain_is_what_to_do_though_none_passes():
    assert step("FAI-02", with_finding(passing=())).remedy == "R2"


def test_more_rows_are_what_to_do_where_they_decide(every):
    told = by_item(every)["FAI-03"]

    assert told.kind == "rows"
    assert told.headline == "Bring the labelled evaluation rows to about 9,600 in all (now 2,412)."
    assert told.brings[0].endswith("FAI-03 9,600")


def test_a_plan_and_its_finding_round_the_same_rows_alike():
    row = FINDINGS[2].rows_needed[0].model_copy(update={"now": 221, "needed": 455})
    told = Known(advice=advice(findings=(FINDINGS[2].model_copy(update={"rows_needed": (row,)}),)), rows=221)
    said = words("en")
    views = with_advice(tuple(finding_views(assessment(), said)), assessment(), Consultation(advice=told.advice), said)

    assert by_item(steps(in_order(views), told, said))["FAI-03"].brings[0].endswith("FAI-03 460")


def test_rows_are_no_step_where_far_too_many_are_needed(every):
    assert by_item(every)["PER-01"].kind == "item"
    assert "rows" not in by_item(every)["PER-01"].headline


def test_rows_are_no_step_for_what_fails():
    rows = FINDINGS[2].rows_needed
    failed = with_finding(confirmed=(), passing=(), unmeasured="none_helps", rows_needed=rows)

    assert step("FAI-02", failed).kind == "item"


def test_findings_that_one_step_mends_share_it():
    both = (RATIOS, FINDINGS[2].model_copy(update={
        "unmeasured": None, "confirmed": (PASSES,), "passing": ("R2",), "leading": RATIOS.leading,
    }))  # fmt: skip
    told = step("FAI-03", advice(findings=both))

    assert told.named == "FAI-02, FAI-03"
    assert len(told.brings) == 2


def test_open_questions_are_one_step(every):
    told = by_item(every)["GOV-04"]

    assert (told.kind, told.named) == ("answers", "GOV-04")
    assert told.headline == "Answer the open questions and attach the evidence."


def test_a_step_tells_what_was_found(every):
    assert every[0].found == ("Selection-rate ratio between groups (sex) 0.67 [0.55 – 0.79], limit ≥ 0.80",)


def test_what_people_wrote_stands_in_their_step():
    entry = Entry(owner="박팀장", due="2026-12-24")
    told = step("FAI-02", entries=Entries(by_item={"FAI-02": entry}))

    assert told.entry == entry


def test_each_finding_knows_what_the_step_is_for_itself():
    rows = FINDINGS[2].rows_needed[0]
    both = (FINDINGS[2], FINDINGS[3].model_copy(update={"rows_needed": (rows.model_copy(update={"needed": 4816}),)}))
    told = step("FAI-03", advice(findings=both))

    assert [one.todo for one in told.items] == [
        "Bring the labelled evaluation rows to about 9,600 in all (now 2,412).",
        "Bring the labelled evaluation rows to about 4,800 in all (now 2,412).",
    ]
    assert told.headline == told.items[0].todo


def test_the_plan_tells_three_steps_at_length_and_the_next_by_name(every):
    told = plan(every, advice(), words("en"))

    assert [one.n for one in told.first] == [1, 2, 3]
    assert [one.n for one in told.more] == list(range(4, len(every) + 1))
    assert told.left == ""
    assert "720 of the 2,412" in told.basis
    assert told.biased


def test_steps_past_the_page_are_counted(every):
    many = [*every, *every]
    told = plan(many, advice(), words("en"))
    left = len(many) - FIRST - MOST_MORE

    assert len(told.more) == MOST_MORE
    assert told.left == f"{left} more steps stand in the action plan."


def test_lines_past_their_place_are_counted():
    broken = tuple(PASSES.effects[0].model_copy(update={"item": f"X-{n}"}) for n in range(9))
    every = made(with_finding(confirmed=(PASSES.model_copy(update={"effects": broken}),)))
    costs = plan(every, advice(), words("en")).first[0].costs

    assert len(costs) == MOST_LINES + 1
    assert costs[-1] == "and 3 more"


def test_the_plan_is_cut_until_it_fits_a_page():
    long = made()[0]
    crowded = replace(
        long, headline="x " * 200, brings=("y " * 70,) * 9, costs=("z " * 70,) * 9, found=("w " * 70,) * 2
    )
    first = plan([crowded] * 3, advice(), words("en")).first

    assert sum(len(one.brings) + len(one.costs) + len(one.found) for one in first) <= 12
    assert all(len(one.headline) < 200 for one in first)
    assert all(one.brings[-1] == "and 8 more" for one in first)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_step_has_a_headline_and_says_what_it_brings(lang):
    for one in made(lang=lang):
        assert one.headline
        assert one.brings
        assert one.who


def test_a_plan_with_room_cuts_nothing_and_tells_what_was_measured_of_the_next_steps():
    first = replace(made()[0], headline="x " * 90, found=("w " * 90,), brings=("y " * 90,), costs=())
    least = replace(made()[1], found=(), brings=("z",), costs=())
    after = replace(made()[2], headline="Do this.", besides=("No remedy tried here makes it better.",))
    told = plan([first, least, least, after], advice(), words("en"))

    assert told.roomy
    assert (told.first[0].headline, told.first[0].found) == (first.headline, first.found)
    assert told.more[0].headline == "Do this. No remedy tried here makes it better."


def test_the_first_steps_stand_uncut_though_the_next_ones_take_a_line_each():
    first = replace(made()[0], headline="x " * 90, found=("w " * 70,), brings=("y " * 70,), costs=())
    after = replace(made()[2], headline="v " * 110, besides=())
    told = plan([first, first, first, *[after] * MOST_MORE], advice(), words("en"))

    assert told.first[0].headline == first.headline
    assert all(half_widths(one.headline) <= BRIEF for one in told.more)


def test_a_crowded_plan_is_not_roomy_and_its_next_steps_take_a_line_each():
    crowded = replace(made()[0], headline="x " * 200, brings=("y " * 70,) * 9, costs=("z " * 70,) * 9)
    told = plan([crowded] * 9, advice(), words("en"))

    assert not told.roomy
    assert all(half_widths(one.headline) <= BRIEF for one in told.more)


def test_a_next_step_tells_what_its_remedy_brings_and_breaks():
    besides = made()[0].besides

    assert besides[0].startswith("FAI-02 Selection-rate ratio between groups · sex: 0.68 → 0.91")
    assert besides[1] == "PER-01 gets worse: Pass → Conditional pass"


def test_a_remedy_that_passes_by_chance_says_so():
    chance = PASSES.model_copy(update={"numbers": (change((0.91, 0.83, 0.99), (0.07, -0.02, 0.16)),)})
    told = step("FAI-02", with_finding(confirmed=(chance,)))

    assert told.brings[0].endswith("0.68 → 0.91 [0.83 – 0.99], Pass (may be chance)")


def test_more_rows_are_told_together_with_remedies_tried_in_vain(every):
    assert by_item(every)["FAI-03"].brings[1] == "No remedy tried here makes FAI-03 pass."


def test_what_people_are_to_look_into_is_told_with_the_groups_furthest_apart():
    told = step("FAI-02", with_finding(passing=(), confirmed=()))

    assert told.kind == "item"
    assert "the groups furthest apart are" in told.found[1]
