from collections import Counter

import numpy as np
import pytest
from known import CALLS, TESTS
from suite import run

MODULES = ("test_classification", "test_ranking", "test_regression")  # test_common: script/validate oracles


@pytest.fixture(scope="module")
def suite(tmp_path_factory):
    return run(tmp_path_factory.mktemp("oracles"), modules=MODULES)


def test_scikit_learns_own_tests_pass_with_our_checks_but_for_the_known(suite):
    assert set(suite.failed) <= set(TESTS)
    assert len(suite.passed) > 500


@pytest.mark.parametrize(
    ("metric", "least"),
    [
        ("accuracy_score", 20), ("average_precision_score", 20), ("balanced_accuracy_score", 2),
        ("brier_score_loss", 5),
        ("f1_score", 10), ("log_loss", 3), ("matthews_corrcoef", 10), ("mean_absolute_error", 1),
        ("median_absolute_error", 1), ("precision_score", 20), ("r2_score", 1), ("recall_score", 10),
        ("roc_auc_score", 50), ("root_mean_squared_error", 1),
    ],
)  # fmt: skip
def test_our_check_answers_calls_of_the_metric(suite, metric, least):
    answered = Counter(call["metric"] for call in suite.calls if call["how"] == "ours")

    assert answered[metric] >= least


def test_our_answers_are_theirs_but_for_the_known(suite):
    differing = [call for call in suite.calls if "ours" in call]
    about = [(call["metric"], call["test"].rpartition("::")[2].partition("[")[0]) for call in differing]

    assert set(about) <= set(CALLS)


def test_adapter_tells_a_wrong_answer(tmp_path, monkeypatch):
    import adapter

    log = tmp_path / "calls.jsonl"
    monkeypatch.setattr(adapter, "LOG", str(log))
    metric = adapter.answering("made_up", lambda *_: 0.5, lambda *_: np.float64(0.6))

    assert metric([0, 1], [0, 1]) == 0.5
    assert '"theirs": 0.6' in log.read_text()
