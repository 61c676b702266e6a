import json
import math

import numpy as np
import pytest

from reliability.blocks import Block, Groups, Roles
from reliability.intervals.comparisons import largest_difference, smallest_ratio
from reliability.intervals.proportions import clopper_pearson
from reliability.records import Criterion, canonical_json
from reliability.smallest_n import MOST_ROWS, _Answers, _evenly, _joined, _runs, _steps, smallest_n
from tests import small_case
from tests.small_case import handed_in, with_model

CLUSTERED = "  entity: income\n"


@pytest.fixture(scope="module")
def submission(tmp_path_factory):
    return handed_in(tmp_path_factory.mktemp("handed_in"))


@pytest.fixture(scope="module")
def unrun(tmp_path_factory):
    return with_model(tmp_path_factory.mktemp("with_model"))


def needed(submission, check, **limit):
    (one,) = smallest_n(criterion(check, **limit), submission, confidence=0.95)
    return one


def criterion(check, **limit):
    return Criterion(check=check, source="house default", **{"rule": "four_way", **limit})


def first(passes):
    """The first whole number that passes, by trying every one."""
    return next(n for n in range(1, 100_000) if passes(n))


@pytest.mark.parametrize(("limit", "n"), [(0.9, 36), (0.75, 13), (0.5, 6)])
def test_accuracy_needs_as_many_right_answers_as_clopper_and_pearson_say(submission, limit, n):
    assert math.ceil(math.log(0.025) / math.log(limit)) == n

    assert needed(submission, "performance.accuracy", at_least=limit).best == n


def test_best_case_is_found_to_one_part_in_a_hundred(submission):
    exact = math.ceil(math.log(0.025) / math.log(0.995))

    assert exact <= needed(submission, "performance.accuracy", at_least=0.995).best <= exact * 1.01 + 1


def test_halfway_is_the_middle_of_limit_and_best_value(submission):
    found = needed(submission, "performance.accuracy", at_least=0.8)
    exact = first(lambda n: n % 10 == 0 and clopper_pearson(0.9 * n, n, confidence=0.95)[0] >= 0.8)

    assert (found.assumption, found.assumed) == ("halfway", pytest.approx(0.9))
    assert found.likely == pytest.approx(exact, abs=9)


@pytest.mark.parametrize("check", ["performance.recall", "performance.f1", "performance.balanced_accuracy"])
def test_rates_of_some_rows_need_more_rows_than_rates_of_all(submission, check):
    assert needed(submission, check, at_least=0.9).best > needed(submission, "performance.accuracy", at_least=0.9).best


@pytest.mark.parametrize("check", ["performance.accuracy", "performance.roc_auc", "fairness.selection_rate_ratio"])
def test_a_stricter_limit_takes_more_rows(submission, check):
    low, high = (needed(submission, check, at_least=limit) for limit in (0.8, 0.95))

    assert low.best < high.best
    assert low.likely < high.likely
    assert low.best <= low.likely


def test_ratio_is_best_where_everybody_is_selected(submission):
    def passes(n):
        each = np.array([n / 2, n / 2])
        return n >= 60 and smallest_ratio(each, each, confidence=0.95).low >= 0.9

    assert needed(submission, "fairness.selection_rate_ratio", at_least=0.9).best == pytest.approx(
        first(passes), rel=0.03
    )


def test_equal_groups_are_selected_at_the_rate_of_favourable_labels(submission):
    found = needed(submission, "fairness.selection_rate_difference", at_most=0.1)
    exact = first(lambda n: largest_difference(np.full(2, n / 4), np.full(2, n / 2), confidence=0.95).high <= 0.1)

    assert (found.assumption, found.assumed) == ("equal_groups", 0.5)
    assert found.likely == pytest.approx(exact, rel=0.03)


def test_true_positive_rates_of_equal_groups_miss_one_row_in_ten(submission):
    found = needed(submission, "fairness.true_positive_rate_difference", at_most=0.1)
    exact = first(lambda n: largest_difference(np.full(2, 0.9 * n), np.full(2, n), confidence=0.95).high <= 0.1)

    assert found.likely == pytest.approx(4 * exact, rel=0.05)


@pytest.mark.parametrize("limit", [30, 100])
def test_smallest_group_reaches_the_limit_with_its_share_of_the_rows(submission, limit):
    found = needed(submission, "data_quality.smallest_group_size", at_least=limit, rule="exact", by="sensitive")

    assert found.best == pytest.approx(2 * limit, rel=0.01)
    assert (found.likely, found.assumption) == (None, "")


def test_smallest_group_is_told_with_its_rows(submission):
    found = needed(submission, "fairness.selection_rate_ratio", at_least=0.8)

    assert (found.by, found.n) == (("sex",), 200)
    assert found.smallest_group == {"slice": {"sex": "F"}, "n": 100}


def test_slices_are_each_held_to_the_limit(submission):
    whole, sliced = (needed(submission, "performance.accuracy", at_least=0.9, by=by) for by in (None, "sensitive"))

    assert sliced.best == pytest.approx(2 * whole.best, abs=2)
    assert sliced.assumption == "halfway"


@pytest.mark.parametrize(
    ("check", "limit", "why"),
    [
        ("data_quality.value_completeness", {"at_least": 0.9}, "value_decides"),
        ("data_quality.duplicate_rows", {"at_most": 0.01}, "value_decides"),
        ("performance.accuracy", {"at_least": 0.9, "rule": "simple"}, "value_decides"),
        ("calibration.brier_skill_score", {"at_least": 0}, "spread_unknown"),
        ("calibration.expected_calibration_error", {"at_most": 0.1}, "spread_unknown"),
        ("leakage.training_overlap", {"at_most": 0.01}, "lacking"),
        ("robustness.noise_consistency", {"at_least": 0.9}, "lacking"),
    ],
)
def test_no_number_is_told_where_there_is_none(submission, check, limit, why):
    found = needed(submission, check, **limit)

    assert (found.why, found.best, found.likely, found.enough) == (why, None, None, None)
    assert found.enough_as_assumed is None
    assert bool(found.reasons) is (why == "lacking")


def test_declared_level_is_the_submissions_own(tmp_path, submission):
    declared = Criterion(declared="performance", rule="four_way", source="declared")
    text = "performance: {check: performance.accuracy, at_least: 0.9}\n"
    (found,) = smallest_n(declared, handed_in(tmp_path, text=text), confidence=0.95)
    (without,) = smallest_n(declared, submission, confidence=0.95)

    assert (found.criterion.check, found.best) == ("performance.accuracy", 36)
    assert [reason.code for reason in without.reasons] == ["declared_nothing"]


def test_what_no_number_of_rows_reaches_is_out_of_reach(submission):
    found = needed(submission, "performance.accuracy", at_least=1.0)

    assert (found.why, found.best, found.enough, found.most) == ("out_of_reach", None, False, MOST_ROWS)


def test_one_group_only_cannot_be_compared(tmp_path, monkeypatch):
    rows = small_case.table()
    alone = rows.set_column(2, "sex", [["F"] * 200])
    monkeypatch.setattr(small_case, "table", lambda _rows: alone)
    found = needed(handed_in(tmp_path), "fairness.selection_rate_ratio", at_least=0.8)

    assert (found.why, [reason.code for reason in found.reasons]) == ("lacking", ["fewer_than_two_groups"])


def test_clustered_rows_are_worth_their_buckets(tmp_path, submission):
    clustered = handed_in(tmp_path, extra=CLUSTERED)

    assert needed(clustered, "performance.accuracy", at_least=0.98).why == "out_of_reach"
    assert needed(submission, "performance.accuracy", at_least=0.98).best == pytest.approx(183, abs=2)


def test_a_model_is_never_run(unrun):
    found = needed(unrun, "performance.accuracy", at_least=0.9)

    assert (found.best, needed(unrun, "performance.roc_auc", at_least=0.75).why) == (36, "")


def test_consistency_is_best_where_every_answer_stays(unrun):
    found = needed(unrun, "robustness.missing_value_consistency", at_least=0.9)

    assert (found.best, found.assumption) == (36, "halfway")
    assert found.likely > found.best
    assert found.most == 20_000


def test_consistency_cannot_be_shown_beyond_the_rows_that_are_asked(unrun):
    found = needed(unrun, "robustness.noise_consistency", at_least=0.99, with_={"sample_size": 100})

    assert found.why == "out_of_reach"


@pytest.mark.parametrize(("n", "enough", "as_assumed"), [(34, False, False), (36, True, False), (200, True, True)])
def test_rows_that_there_are_are_tried_themselves(tmp_path, n, enough, as_assumed):
    found = needed(handed_in(tmp_path, rows=n), "performance.accuracy", at_least=0.9)

    assert (found.n, found.enough, found.enough_as_assumed) == (n, enough, as_assumed)


def test_a_group_that_grows_into_the_comparison_may_undo_what_fewer_rows_allowed(tmp_path, monkeypatch):
    rows = small_case.table(2000)
    sexes = ["X"] * 40 + rows["sex"].to_pylist()[40:]
    monkeypatch.setattr(small_case, "table", lambda _rows: rows.set_column(2, "sex", [sexes]))
    found = needed(handed_in(tmp_path), "fairness.selection_rate_ratio", at_least=0.9)

    assert found.best < found.n
    assert found.enough is False


def test_record_is_plain(submission):
    found = needed(submission, "fairness.selection_rate_ratio", at_least=0.8).as_record()

    assert json.loads(canonical_json(found))["criterion"]["at_least"] == 0.8
    assert (found["by"], found["enough"], found["reasons"]) == (["sex"], True, [])


def test_order_of_rows_does_not_matter(tmp_path, submission, monkeypatch):
    rows = small_case.table().take(np.random.default_rng(1).permutation(200))
    monkeypatch.setattr(small_case, "table", lambda _rows: rows)
    shuffled = handed_in(tmp_path)

    for check in ("fairness.selection_rate_ratio", "performance.roc_auc"):
        assert needed(shuffled, check, at_least=0.8).as_record() == needed(submission, check, at_least=0.8).as_record()


@pytest.mark.parametrize(
    ("share", "n", "chosen"), [(0.0, 50, 0), (0.1, 50, 5), (0.5, 7, 4), (0.11, 10, 2), (1.0, 9, 9), (0.3, 0, 0)]
)
def test_a_share_is_spread_evenly(share, n, chosen):
    picked = _evenly(share, n)

    assert (len(picked), int(picked.sum())) == (n, chosen)


@pytest.mark.parametrize("n", [3, 10, 25, 1000])
def test_even_steps_keep_the_shares(n):
    labels = np.repeat([0, 1], [3, 7])

    assert abs(labels[_steps(10, n)].mean() - 0.7) <= 1 / n


def test_runs_are_the_groups_in_their_order():
    codes = {"a": [0, 0, 0, 1, 1], "b": [-1, -1, 0, 0, 0]}
    groups = {name: Groups(codes=np.array(each, np.int32), levels=("x", "y")) for name, each in codes.items()}
    block = Block(start=0, roles=Roles(task="binary"), columns={}, y_true=np.zeros(5, np.int64), groups=groups)

    assert [(part.start, part.stop) for part in _runs(block)] == [(0, 2), (2, 3), (3, 5)]


def test_levels_of_blocks_are_joined_by_name():
    first, second = (
        Groups(codes=np.array(codes, np.int32), levels=levels)
        for codes, levels in (([0, -1], ("F",)), ([0, 1, -1], ("M", "F")))
    )
    joined = _joined([first, second])

    assert joined.levels == ("F", "M")
    assert joined.codes.tolist() == [0, -1, 1, 0, -1]


@pytest.mark.parametrize(
    "check", ["selection_rate_difference", "true_positive_rate_difference", "false_positive_rate_difference"]
)
def test_best_case_of_a_comparison_is_never_beyond_the_likely_one(submission, check):
    found = needed(submission, f"fairness.{check}", at_most=0.1)

    assert 60 <= found.best <= found.likely


@pytest.mark.parametrize("alike", [True, False])
def test_wrong_answers_of_equal_groups_leave_their_selection_rate_alone(alike):
    truth, roles = np.repeat([0, 1], [60, 40]), Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    said = _Answers(wrong=0.1, alike=alike).to(truth, roles)

    assert bool(said.sum() == truth.sum()) is alike
    assert (said[truth == 1] == 0).sum() == 4


def test_everybody_may_get_the_favourable_answer():
    roles = Roles(task="multiclass", classes=("a", "b", "c"), favourable=(2,))

    assert _Answers(all_favourable=True).to(np.array([0, 1, 2]), roles).tolist() == [2, 2, 2]


def test_right_answers_are_the_labels():
    truth = np.array([0, 0, 1, 2])

    assert _Answers().to(truth, Roles(task="multiclass", classes=("a", "b", "c"))).tolist() == truth.tolist()


def test_ratio_of_error_rates_is_tried_with_errors(submission):
    found = needed(submission, "fairness.false_negative_rate_ratio", at_least=0.8)

    # Answers that are all right have no errors to compare.
    assert found.best == found.likely > 1000
