import numpy as np
import pytest

from reliability.advise.measuring import affected, counted_from_answers
from reliability.advise.parity import group_remedies
from reliability.advise.recalibration import score_remedies
from reliability.advise.remedies import EFFORTS, Changed, Ground, NotTried, Remedy, Rows, Tried
from reliability.advise.trials import combined, run
from reliability.checklist.catalogue import checks
from reliability.engine import Call
from reliability.errors import WorkerError
from tests.advise.planted import case, handed_in, stage_of


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("case")
    submission = handed_in(folder, training=500)
    return stage_of(case(folder, submission), submission)


def shifted(by):
    """As a model that scores everybody higher."""

    def changed(rows):
        scores = np.clip(rows.scores + by, 0, 1)
        return Changed(predicted=(scores >= 0.5).astype(np.int64), scores=scores)

    return Remedy(name="shifted", acts_on="model", mends=("fairness.",), learn=lambda _: Tried(changed=changed))


def test_what_maps_answers_is_chosen_by_rows_that_did_not_teach_it(staged):
    stage, _, _ = staged
    seen = []

    def learn(ground):
        seen.append(set(ground.answered.row_positions().tolist()))
        taught = seen[-1]

        def changed(rows):
            inside = np.array([place in taught for place in rows.positions])
            return Changed(predicted=inside.astype(np.int64), scores=rows.scores)

        return Tried(changed=changed)

    remedy = Remedy(name="inside", acts_on="scores", mends=("fairness.",), learn=learn)
    ran = run(remedy, stage, [], name="R1")

    confirm = set(stage.rows.row_positions()[stage.split.confirm].tolist())
    assert len(seen) == 3
    assert not any(one & confirm for one in seen)
    assert not seen[1] & seen[2]
    # No row that chooses, and none that confirms, is answered by what it taught.
    assert ran.changed.predicted[stage.split.choose].sum() == 0
    assert ran.changed.predicted[stage.split.confirm].sum() == 0


def test_a_worker_that_fails_is_a_reason_and_no_end(staged):
    def learn(ground):
        raise WorkerError("model_timeout", "{seconds}", seconds=3)

    ran = run(Remedy(name="slow", acts_on="model", mends=("fairness.",), learn=learn), staged[0], [], name="R1")

    assert ran.why == NotTried(code="model_timeout", values={"seconds": 3})
    assert ran.changed is None


def test_the_second_of_two_remedies_maps_what_the_first_answers(staged):
    stage, aims, _ = staged
    first = run(shifted(0.3), stage, [], name="R1")
    both = combined(first, group_remedies("demographic_parity", ("sex",))[0])
    alone = group_remedies("demographic_parity", ("sex",))[0].learn(stage.ground)
    after = both.learn(stage.ground)

    assert both.effort == EFFORTS["model"]
    assert both.acts_on == "decisions"
    assert both.cautions == ("attribute_at_decision_time",)
    rows = Rows.of(stage.rows)
    changed = after.changed(rows)
    own = {one["slice"]["sex"]: one["threshold"] for one in after.details["second"]["thresholds"]}
    sexes = [rows.groups["sex"].levels[code] for code in rows.groups["sex"].codes]
    assert changed.scores == pytest.approx(np.clip(rows.scores + 0.3, 0, 1))
    assert (changed.predicted == (changed.scores >= np.array([own[sex] for sex in sexes]))).all()
    assert after.details["second"]["thresholds"] != alone.details["thresholds"]
    assert aims["FAI-01"].checks == ("fairness.selection_rate_ratio",)


def test_two_remedies_are_learnt_anew_where_the_first_maps_answers(staged):
    stage, aims, _ = staged
    recalibrated = run(score_remedies(aims["CAL-01"], ())[0], stage, [], name="R1")
    ran = run(combined(recalibrated, group_remedies("demographic_parity", ("sex",))[0]), stage, [], name="R2")

    assert ran.why is None
    assert not np.allclose(ran.changed.scores, stage.rows.y_score)


@pytest.mark.parametrize(
    ("first", "second", "check", "told"),
    [
        (("fairness.",), ("fairness.selection_rate",), "fairness.selection_rate_ratio", True),
        (("fairness.",), ("fairness.selection_rate",), "fairness.proxy_auc", False),
        (("calibration.",), ("fairness.",), "calibration.brier_skill_score", False),
    ],
)
def test_two_remedies_are_for_what_either_of_them_mends(staged, first, second, check, told):
    one, other = (
        Remedy(name="a", acts_on="decisions", mends=mends, learn=lambda _: NotTried(code="no_model"))
        for mends in (first, second)
    )

    assert combined(run(one, staged[0], [], name="R1"), other).mends_check(check) == told


def test_why_the_second_cannot_be_tried_is_why_both_cannot(staged):
    untried = Remedy(name="no", acts_on="decisions", mends=("fairness.",), learn=lambda _: NotTried(code="no_scores"))
    ran = run(combined(run(shifted(0.1), staged[0], [], name="R1"), untried), staged[0], [], name="R2")

    assert ran.why == NotTried(code="no_scores")


@pytest.mark.parametrize(
    ("check", "tried", "told"),
    [
        ("fairness.selection_rate_ratio", {}, True),
        ("robustness.noise_consistency", {}, True),
        ("data_quality.duplicate_rows", {}, False),
        ("data_quality.duplicate_rows", {"features": ("income",)}, True),
        ("leakage.training_overlap", {}, False),
        ("leakage.training_overlap", {"training": True}, True),
    ],
)
def test_only_what_a_remedy_may_change_is_measured_again(staged, check, tried, told):
    training = staged[0].training if tried.pop("training", False) else None
    one = Tried(changed=lambda rows: Changed(predicted=rows.predicted), training=training, **tried)

    assert affected(Call(check=checks()[check], by=("sex",)), one) == told


def test_counted_answers_are_told_from_questions_and_samples():
    quick = [name for name, check in checks().items() if counted_from_answers(Call(check=check, by=("sex",)))]

    assert "fairness.selection_rate_ratio" in quick
    assert not any(checks()[name].asks_the_model for name in quick)
    assert "performance.better_than_linear_model" not in quick


def test_an_effort_is_the_one_of_its_kind_unless_it_is_given():
    def made(**more):
        return Remedy(name="a", mends=(), learn=lambda _: NotTried(code="no_model"), **more)

    assert [made(acts_on=kind).effort for kind in ("decisions", "scores", "model", "data", "process")] == [
        1,
        1,
        2,
        3,
        4,
    ]
    assert made(acts_on="model", effort=4).effort == 4
    assert Ground(roles=None).answered is None
