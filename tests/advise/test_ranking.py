import numpy as np
import pytest

from reliability.advise.ranking import CONFIRMED, LEAST, MOST_PAIRS, Standing, chosen, front, ranked, standing
from reliability.advise.remedies import Changed, NotTried, Remedy, Rows, Tried
from reliability.advise.trials import Ran, on_choosing, run
from tests.advise.planted import case, handed_in, stage_of


def made(name, answer, *, effort=0, cautions=(), mends=("fairness.",)):
    """A remedy that answers rows as `answer` says."""
    return Remedy(
        name=name, acts_on="model", mends=mends, effort=effort, cautions=cautions,
        learn=lambda ground: Tried(changed=lambda rows: Changed(predicted=answer(rows), scores=rows.scores)),
    )  # fmt: skip


def everybody(rows):
    return rows.predicted * 0 + 1


def as_today(rows):
    return rows.predicted.copy()


def fair(rows):
    """What merit alone would decide."""
    return (rows.columns["income"].values >= 50).astype(int)


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("case")
    submission = handed_in(folder)
    stage, aims, _ = stage_of(case(folder, submission), submission)
    return stage, aims["FAI-01"]


def order(staged, *remedies):
    stage, aim = staged
    ran = [run(one, stage, [aim], name=one.name) for one in remedies]
    return [one.ran.id for one in chosen(ranked(aim, ran, stage.items, on_choosing(stage, [aim])))]


def test_what_changes_nothing_is_no_remedy(staged):
    assert order(staged, made("nothing", as_today)) == []


def test_what_breaks_another_finding_comes_after_what_does_not(staged):
    assert order(staged, made("everybody", everybody), made("fair", fair, effort=4)) == ["fair", "everybody"]


def test_of_remedies_that_do_the_same_the_smaller_effort_comes_first(staged):
    assert order(staged, made("much", fair, effort=3), made("little", fair, effort=1)) == ["little", "much"]


def test_what_draws_lots_comes_after_what_does_not(staged):
    drawn = made("drawn", fair, effort=1, cautions=("randomised",))

    assert order(staged, drawn, made("sharp", fair, effort=2)) == ["sharp", "drawn"]


def test_the_verdict_counts_more_than_the_effort(staged):
    def a_little(rows):
        said = rows.predicted.copy()
        said[::40] = 1
        return said

    assert order(staged, made("little", a_little, effort=1), made("fair", fair, effort=4))[0] == "fair"


def few_more(rows, every):
    """Today's answers, and one row in so many of the group that fares worse decided well."""
    groups, said = rows.groups["sex"], rows.predicted.copy()
    women = np.flatnonzero(groups.codes == groups.levels.index("F"))
    said[women[::every]] = 1
    return said


def test_next_to_nothing_of_what_is_missing_is_no_remedy(staged):
    assert order(staged, made("crumb", lambda rows: few_more(rows, 400))) == []
    assert order(staged, made("step", lambda rows: few_more(rows, 8))) == ["step"]


def test_a_step_is_measured_by_what_is_missing_to_the_limit():
    def helps(effect, missing, better=0):
        return Standing(ran=None, verdict=6, better=better, effect=effect, breaks=0, missing=missing).helps

    assert helps(LEAST * 0.2 * 1.01, 0.2)
    assert not helps(LEAST * 0.2 * 0.99, 0.2)
    assert helps(1e-6, 0.0)
    assert helps(0.0, 0.2, better=1)
    assert not helps(0.1, 0.0, better=-1)


def test_a_failing_number_that_is_no_longer_there_is_not_made_better(staged):
    """With all of one group handed to people the ratio is open instead of nearly failing: nothing is mended by that."""
    stage, aim = staged

    def no_women(rows):
        groups = rows.groups["sex"]
        gone = groups.codes == groups.levels.index("F")
        return Changed(predicted=rows.predicted, scores=rows.scores, abstained=gone)

    lost = Remedy(name="lost", acts_on="decisions", mends=("fairness.",), learn=lambda _: Tried(changed=no_women))
    ran, today = run(lost, stage, [aim], name="lost"), on_choosing(stage, [aim])

    assert (aim.item.verdict(today), aim.item.verdict({**today, **ran.chosen})) == ("conditional_fail", "inconclusive")
    assert not standing(aim, ran, stage.items, today).helps


def test_no_more_than_five_are_confirmed(staged):
    assert len(order(staged, *(made(f"r{n}", fair) for n in range(8)))) == CONFIRMED == 5


def test_what_is_meant_for_other_checks_is_no_remedy_here(staged):
    assert order(staged, made("other", fair, mends=("calibration.",))) == []


def test_what_was_not_tried_has_no_place(staged):
    untried = Remedy(name="untried", acts_on="model", mends=("fairness.",), learn=lambda _: NotTried(code="no_model"))

    assert order(staged, untried, made("fair", fair)) == ["fair"]


def test_a_standing_tells_how_far_the_number_came_towards_its_limit(staged):
    stage, aim = staged
    today = on_choosing(stage, [aim])
    found = standing(aim, run(made("fair", fair), stage, [aim], name="R1"), stage.items, today)

    assert isinstance(found, Standing)
    assert found.effect == pytest.approx(aim.margin(found.ran.chosen) - aim.margin(today))
    assert found.effect > 0.1
    assert (found.better > 0, found.breaks) == (True, 0)


def test_rows_to_be_answered_carry_no_labels(staged):
    assert not hasattr(Rows.of(staged[0].rows), "y_true")
    assert isinstance(Ran(id="R1", remedy=made("fair", fair)), Ran)


def placed(name, *, acts_on="decisions", parts=(), cautions=(), options=None):
    """A standing of a remedy; what it came to does not matter here."""
    remedy = Remedy(
        name=name, acts_on=acts_on, mends=("fairness.",), cautions=cautions, options=options or {},
        learn=lambda _: NotTried(code="no_model"),
    )  # fmt: skip
    return Standing(ran=Ran(id=name, remedy=remedy, parts=parts), verdict=6, better=1, effect=0.1, breaks=0)


def taken(*standings):
    return [one.ran.id for one in chosen(standings)]


def test_the_best_that_acts_on_data_or_model_is_always_among_them():
    many = [placed(f"t{n}") for n in range(7)]

    assert taken(*many, placed("refit", acts_on="model")) == ["t0", "t1", "t2", "t3", "refit"]


def test_pairs_do_not_crowd_out_what_they_are_made_of():
    pairs = [placed(f"p{n}", parts=("a", "b")) for n in range(5)]
    singles = [placed(f"s{n}") for n in range(4)]

    assert taken(*pairs, *singles) == ["p0", "p1", "s0", "s1", "s2"]
    assert MOST_PAIRS == 2


def test_randomised_thresholds_stand_beside_those_that_are_not():
    options = {"parity": "demographic_parity"}
    sharp = placed("group_thresholds", options=options)
    others = [placed(f"t{n}") for n in range(4)]
    drawn = placed("drawn", cautions=("randomised",), options=options)
    other = placed("other", cautions=("randomised",), options={"parity": "equalized_odds"})

    assert taken(sharp, *others, other, drawn) == ["group_thresholds", "t0", "t1", "t2", "drawn"]


@pytest.mark.parametrize(
    ("points", "told"),
    [
        ([(1, 1)], [True]),
        ([(1, 2), (2, 1)], [True, True]),
        ([(1, 1), (2, 2)], [False, True]),
        ([(1, 1), (1, 1)], [True, True]),
        ([(1, 1), (1, 2), (0, 2)], [False, True, False]),
    ],
)
def test_the_front_is_what_no_other_beats_in_both(points, told):
    assert list(front(points)) == told
