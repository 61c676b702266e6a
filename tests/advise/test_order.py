"""What comes first, what is combined and what is confirmed do not hang on the order in which remedies were tried."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.advise.advising import TRYING, Watch
from reliability.advise.aims import UNMENDED
from reliability.advise.catalogue import pair, pairs, remedies
from reliability.advise.copies import Copies
from reliability.advise.parity import group_remedies
from reliability.advise.ranking import CONFIRMED, MOST_PAIRS, Standing, chosen, front, ranked
from reliability.advise.remedies import EFFORTS, Ground, NotTried, Remedy
from reliability.advise.trials import MAPPED, Ran, on_choosing, run
from reliability.records import WORST_FIRST, canonical_json
from reliability.worker.parent import Limits
from tests.advise.planted import advised, case, finding, handed_in, stage_of
from tests.builders import block

POINTS = st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), max_size=12)


def made(name="r", *, acts_on="decisions", cautions=(), options=None, effort=0, mends=("fairness.",)):
    return Remedy(
        name=name, acts_on=acts_on, mends=mends, cautions=cautions, options=options or {}, effort=effort,
        learn=lambda _: NotTried(code="no_model"),
    )  # fmt: skip


@st.composite
def standings(draw):
    """Standings of remedies, with ids of their own."""
    told = []
    for place in range(draw(st.integers(0, 12))):
        remedy = made(
            draw(st.sampled_from(["group_thresholds", "threshold", "reweighing"])),
            acts_on=draw(st.sampled_from(sorted(EFFORTS))),
            cautions=draw(st.sampled_from([(), ("randomised",), ("work_of_people",)])),
        )
        ran = Ran(id=f"R{place}", remedy=remedy, parts=draw(st.sampled_from([(), (), ("R0", "R1")])))
        told.append(
            Standing(
                ran=ran, verdict=draw(st.integers(0, len(WORST_FIRST))), better=draw(st.integers(-2, 3)),
                effect=draw(st.sampled_from([-0.1, 0.0, 0.05, 0.1])), breaks=draw(st.integers(0, 2)),
            )
        )  # fmt: skip
    return told


@given(told=standings(), data=st.data())
def test_any_two_standings_have_an_order_and_it_is_the_same_after_shuffling(told, data):
    shuffled = data.draw(st.permutations(told))

    assert [one.key for one in sorted(told, key=lambda one: one.key)] == [
        one.key for one in sorted(shuffled, key=lambda one: one.key)
    ]


@given(standings())
def test_what_makes_the_verdict_better_comes_before_what_does_not(told):
    order = [one.better > 0 for one in sorted(told, key=lambda one: one.key)]

    assert order == sorted(order, reverse=True)


@given(standings())
def test_among_those_that_help_alike_what_breaks_less_comes_first(told):
    helping = [one.breaks for one in sorted(told, key=lambda one: one.key) if one.better > 0]

    assert helping == sorted(helping)


@given(standings())
def test_no_more_than_five_are_confirmed_and_few_of_them_are_pairs(told):
    found = chosen(told)

    assert len(found) == len({one.ran.id for one in found}) <= CONFIRMED
    assert sum(bool(one.ran.parts) for one in found) <= MOST_PAIRS
    assert [one.ran.id for one in told if one in found] == [one.ran.id for one in found]


@given(standings())
def test_where_a_single_remedy_acts_on_data_or_model_one_such_is_confirmed(told):
    singles = [one for one in told if not one.ran.parts and one.ran.remedy.acts_on not in MAPPED]

    assert not singles or singles[0] in chosen(told)


@given(standings())
def test_the_best_of_all_is_confirmed(told):
    assert not told or told[0] in chosen(told)


@given(POINTS)
def test_no_point_of_the_front_is_beaten_and_every_other_is(points):
    there = front(points)
    best = [point for point, on_front in zip(points, there, strict=True) if on_front]

    def beaten(one):
        return any(other != one and other[0] >= one[0] and other[1] >= one[1] for other in points)

    assert all(beaten(point) != on_front for point, on_front in zip(points, there, strict=True))
    assert bool(points) == bool(best)


@given(points=POINTS, data=st.data())
def test_a_front_is_the_same_in_any_order(points, data):
    order = data.draw(st.permutations(range(len(points))))
    there = front(points)

    assert front([points[place] for place in order]) == tuple(there[place] for place in order)


@given(points=POINTS, more=st.tuples(st.integers(-5, 5), st.integers(-5, 5)))
def test_another_point_puts_nobody_on_the_front(points, more):
    before, after = front(points), front([*points, more])

    assert all(was for was, still in zip(before, after[:-1], strict=True) if still)


@given(POINTS)
def test_performance_never_falls_along_the_front_as_the_other_rises(points):
    best = sorted({point for point, there in zip(points, front(points), strict=True) if there})

    assert [other for _, other in best] == sorted((other for _, other in best), reverse=True)


def ran(name, **more):
    return Ran(id=name, remedy=made(name, **more))


def named(best):
    return [(first.id, second.id) for first, second in pairs(best)]


def test_what_decides_comes_second_in_a_pair():
    few = [ran("t"), ran("s", acts_on="scores"), ran("m", acts_on="model"), ran("d", acts_on="data")]

    assert named([few]) == [("s", "t"), ("m", "t"), ("d", "t")]


def test_a_pair_is_made_once_however_many_findings_it_is_among_the_best_of():
    few = [ran("t"), ran("m", acts_on="model")]

    assert named([few, list(reversed(few)), few]) == [("m", "t")]


def test_two_that_decide_are_no_pair_and_neither_are_two_that_do_not():
    assert named([[ran("t"), ran("u")], [ran("m", acts_on="model"), ran("s", acts_on="scores")]]) == []


def test_decisions_by_lot_are_paired_with_nothing():
    assert named([[ran("m", acts_on="model"), ran("lot", cautions=("randomised",))]]) == []


def test_what_is_among_the_best_of_different_findings_is_no_pair():
    assert named([[ran("t")], [ran("m", acts_on="model")]]) == []


def test_pairs_are_not_paired_again():
    both = pair(ran("m", acts_on="model"), ran("t"))

    assert both.name == "combination"
    assert named([[Ran(id="p", remedy=both), ran("m", acts_on="model"), ran("t")]]) == [("m", "t")]


def test_a_pair_takes_the_greater_effort_and_the_cautions_of_both_once():
    both = pair(
        ran("m", acts_on="model", cautions=("attribute_in_training", "x")), ran("t", cautions=("x", "work_of_people"))
    )

    assert both.effort == EFFORTS["model"]
    assert both.cautions == ("attribute_in_training", "x", "work_of_people")
    assert both.acts_on == "decisions"


class Aimed:
    """As much of an aim as the catalogue looks at."""

    def __init__(self, check, by=("sex",)):
        self.check, self.by, self.checks = check, by, (check,)
        self.number = SimpleNamespace(details={})
        self.criterion = SimpleNamespace(at_most=None)


EVERY = [
    Aimed("fairness.selection_rate_ratio"), Aimed("fairness.true_positive_rate_difference"),
    Aimed("calibration.brier_score", ()), Aimed("performance.accuracy", ()), Aimed("robustness.noise_consistency", ()),
]  # fmt: skip


def listed(aims):
    ground = Ground(roles=block([0, 1], groups={"sex": ["F", "M"]}).roles)
    return remedies(aims, ground, Copies(Limits()))


def key(remedy):
    return canonical_json([remedy.name, dict(remedy.options)])


def test_a_remedy_for_two_findings_is_listed_once():
    found = [key(one) for one in listed([*EVERY, *EVERY])]

    assert len(found) == len(set(found))
    assert sorted(found) == sorted(map(key, listed(EVERY)))


def test_the_order_of_findings_changes_the_order_of_remedies_and_not_what_there_is():
    assert sorted(map(key, listed(EVERY))) == sorted(map(key, listed(EVERY[::-1])))


def test_every_remedy_listed_may_mend_one_of_the_findings():
    for one in listed(EVERY):
        assert any(one.mends_check(aim.check) for aim in EVERY), one.name


@pytest.mark.parametrize("aim", EVERY, ids=lambda aim: aim.check)
def test_what_is_listed_for_one_finding_is_listed_for_all(aim):
    assert {key(one) for one in listed([aim])} <= {key(one) for one in listed(EVERY)}


def test_fits_that_take_longest_come_last():
    names = [one.name for one in listed(EVERY)]
    slow = {"exponentiated_gradient", "grid_search"}

    assert set(names[-4:]) == slow
    assert not slow & set(names[:-4])


def test_nothing_is_listed_for_nothing():
    assert listed([]) == ()


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("case")
    submission = handed_in(folder, n=1_200)
    return case(folder, submission), submission


def test_remedies_tried_in_another_order_stand_in_the_same(staged):
    stage, aims, _ = stage_of(*staged)
    aim = aims["FAI-01"]
    today = on_choosing(stage, [aim])
    tried = [run(one, stage, [aim], name=f"{one.name}") for one in group_remedies("demographic_parity", ("sex",))]

    there, back = (ranked(aim, order, stage.items, today) for order in (tried, tried[::-1]))
    assert [one.ran.id for one in there] == [one.ran.id for one in back] == ["group_thresholds",
                                                                             "randomised_thresholds"]  # fmt: skip


class Impatient:
    """Somebody who presses Ctrl-C at a step."""

    def __init__(self, at):
        self.left, self.planned_steps = at, 0

    def planned(self, steps):
        self.planned_steps = steps

    def done(self, _name):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def interrupted(staged, at):
    watch = Impatient(at)
    return advised(*staged, planned=watch.planned, done=watch.done), watch


def test_what_was_not_reached_before_ctrl_c_is_listed_as_interrupted(staged):
    whole = advised(*staged)
    told, _ = interrupted(staged, 2)
    codes = [None if one.why is None else one.why.code for one in told.remedies]

    assert told.interrupted
    assert not whole.interrupted
    assert codes[:2] == [None, None]
    assert set(codes[2:]) == {"interrupted"}
    # Pairs apart: they are made of what was tried.
    assert [one.name for one in told.remedies] == [one.name for one in whole.remedies if not one.parts]


def test_after_ctrl_c_while_trying_the_findings_are_confirmed_of_what_there_is(staged):
    told, _ = interrupted(staged, 3)

    assert [one.item for one in told.findings] == [one.item for one in advised(*staged).findings]
    tried = {one.id for one in told.remedies if one.state != "not_tried"}
    assert {each.remedy for one in told.findings for each in one.confirmed} <= tried


def test_findings_that_were_not_reached_before_ctrl_c_say_so(staged):
    steps = []
    whole = advised(*staged, done=steps.append)
    first = whole.findings[0].item
    told, _ = interrupted(staged, steps.index(first) + 1)

    assert told.interrupted
    assert told.findings[0] == whole.findings[0]
    assert {one.unmeasured for one in told.findings[1:]} == {"interrupted"}
    assert [one.item for one in told.findings] == [one.item for one in whole.findings]


def test_as_many_steps_are_planned_as_remedies_and_findings_there_are(staged):
    watch = Impatient(-1)
    told = advised(*staged, planned=watch.planned)
    unmended = [one for one in staged[0].findings if one.verdict in UNMENDED]

    assert watch.planned_steps == sum(not one.parts for one in told.remedies) + len(unmended)


def test_where_the_time_for_trying_is_spent_nothing_is_tried_and_findings_say_so(staged):
    told = advised(*staged, spent=lambda share: share == TRYING, budget_s=1.0)

    assert {one.why.code for one in told.remedies} == {"budget_spent"}
    assert {one.unmeasured for one in told.findings} <= {"none_tried", "nothing_applies"}
    assert not any(one.confirmed or one.passing for one in told.findings)


def test_where_all_time_is_spent_findings_still_name_what_there_was_to_try(staged):
    told = advised(*staged, spent=lambda _share: True, budget_s=1.0)
    one = finding(told, "FAI-01")

    assert one.unmeasured == "budget_spent"
    assert one.applicable
    assert one.leading["check"] == "fairness.selection_rate_ratio"


def test_who_watches_nothing_has_all_the_time_there_is():
    watch = Watch()
    watch.planned(3)
    watch.done("a")

    assert watch.spent(1.0) is False
    assert watch.budget_s is None
