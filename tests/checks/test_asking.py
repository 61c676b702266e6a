import numpy as np
import pytest

from reliability.checks.asking import (
    asked_together,
    bucketed,
    changed,
    numeric,
    output,
    stacked,
    variance_of_mean,
    within,
)
from reliability.errors import UsageError
from reliability.evidence.probe import Answers
from tests.builders import column
from tests.checks.probing import labels_only, linear, probed


def test_stacked_tables_keep_every_cell():
    first = {"x": column([1.0, None]), "w": column(["a", None]), "i": column([1, 2]), "b": column([True, None])}
    second = {"x": column([3.0]), "w": column(["b"]), "i": column([None, 4]).take(np.array([0])), "b": column([False])}
    both = stacked([first, second])

    assert {name: one.as_labels() for name, one in both.items()} == {
        "x": [1.0, None, 3.0], "w": ["a", None, "b"], "i": [1, 2, None], "b": [True, None, False],
    }  # fmt: skip
    assert [both[name].kind for name in both] == ["f8", "utf8", "i8", "bool"]


def test_stacked_columns_stand_as_in_the_first_table():
    x, w = {"x": column([1.0])}, {"w": column(["a"])}

    assert list(stacked([x | w, w | x])) == ["x", "w"]


def test_what_is_missing_has_the_first_code_when_texts_are_stacked():
    tables = [{"w": column([None, "b"])}, {"w": column(["c", None, "b"])}, {"w": column([None, "a", "c"])}]
    both = stacked([{"w": column(["a", "b"])}, *tables])["w"]

    assert both.as_labels() == ["a", "b", None, "b", "c", None, "b", None, "a", "c"]
    assert both.values[both.missing].tolist() == [0, 0, 0]
    assert both.values.dtype == np.int32


@pytest.mark.parametrize("levels", [("a", "b"), ("b", "a"), ("c", "a")])
def test_stacked_texts_are_told_by_their_levels_not_their_codes(levels):
    first, second = column(["a", "b", None]), column([*levels, levels[0]])

    assert stacked([{"w": first}, {"w": second}])["w"].as_labels() == ["a", "b", None, *levels, levels[0]]


def test_stacked_takes_a_text_column_that_holds_nothing():
    empty = column(["a", None]).take(np.array([1]))

    assert stacked([{"w": empty}, {"w": column(["z"])}])["w"].as_labels() == [None, "z"]


def test_asked_together_puts_one_question_and_gives_each_table_its_answers():
    probe, _, asked = probed({"x": [1.0, -1.0]}, linear({"x": 1.0}))
    tables = [{"x": column([1.0, 2.0, -3.0])}, {"x": column([-1.0])}, {"x": column([5.0, -5.0])}]
    told = asked_together(probe, tables)

    assert len(asked) == 1
    assert [one.labels.tolist() for one in told] == [[1, 1, 0], [0], [1, 0]]
    assert [len(one.scores) for one in told] == [3, 1, 2]


def test_output_is_the_probability_of_the_label_first_given():
    probe, _, _ = probed({"x": [1.0, -1.0]}, linear({"x": 1.0}))
    answers = Answers(labels=np.array([0, 0]), scores=np.array([0.2, 0.3]))

    assert output(answers, probe.sample, np.array([1, 0])).tolist() == [0.2, 0.7]


def test_output_of_many_classes_reads_their_own_column():
    probe, _, _ = probed({"x": [1.0, -1.0]}, linear({"x": 1.0}), classes=(0, 1, 2), positive=None, task="multiclass")
    answers = Answers(labels=np.array([0, 0]), scores=np.array([[0.1, 0.2, 0.7], [0.5, 0.4, 0.1]]))

    assert output(answers, probe.sample, np.array([2, 1])).tolist() == [0.7, 0.4]


def test_output_without_scores_is_whether_the_label_stays_and_of_a_regression_the_value():
    probe, _, _ = probed({"x": [1.0, -1.0]}, labels_only(linear({"x": 1.0})))
    values, _, _ = probed({"x": [1.0, 2.0]}, lambda c: Answers(labels=c["x"].values), task="regression")

    assert output(Answers(labels=np.array([1, 1])), probe.sample, np.array([1, 0])).tolist() == [1.0, 0.0]
    assert output(Answers(labels=np.array([1.5, 2])), values.sample, np.array([1, 0])).tolist() == [1.5, 2.0]
    assert output(Answers(labels=np.array([1, 2])), values.sample, np.array([1, 0])).dtype == np.float64


def test_changed_sees_labels_scores_and_scores_that_are_gone():
    once = Answers(labels=np.array([0, 0, 1]), scores=np.array([0.1, 0.2, 0.9]))
    again = Answers(labels=np.array([0, 1, 1]), scores=np.array([0.1, 0.2, 0.9 + 1e-15]))

    assert changed(once, again).tolist() == [False, True, True]
    assert changed(once, Answers(labels=once.labels)).all()
    assert not changed(Answers(labels=once.labels), Answers(labels=once.labels)).any()


def test_changed_looks_at_every_class():
    scores = np.full((2, 3), 1 / 3)
    other = scores.copy()
    other[1, 2] += 1e-9

    assert changed(Answers(labels=np.zeros(2), scores=scores), Answers(labels=np.zeros(2), scores=other)).tolist() == [
        False,
        True,
    ]


def test_variance_of_a_mean_is_the_textbooks_and_that_of_buckets_where_rows_are_clustered():
    values = np.random.default_rng(0).normal(size=60)
    values -= values.mean()
    alone, _, _ = probed({"x": [1.0] * 60}, linear({"x": 1.0}))
    pairs, _, _ = probed({"x": [1.0] * 60}, linear({"x": 1.0}), entity=[1 + i // 2 for i in range(60)])
    doubled = np.repeat(values[:30] - values[:30].mean(), 2)

    assert variance_of_mean(values, alone.sample) == pytest.approx((values.var(ddof=1) / 60, 59))
    # Two copies of a row are worth one.
    assert variance_of_mean(doubled, pairs.sample) == pytest.approx((doubled[::2].var(ddof=1) / 30, 29))


def test_variance_of_a_mean_does_not_hang_on_where_nought_is():
    values = np.random.default_rng(0).normal(size=60)
    sample = probed({"x": [1.0] * 60}, linear({"x": 1.0}))[0].sample

    assert variance_of_mean(values + 5, sample) == pytest.approx(variance_of_mean(values - values.mean(), sample))


def test_variance_of_one_observation_is_none():
    one, _, _ = probed({"x": [1.0] * 3}, linear({"x": 1.0}), entity=[7, 7, 7])

    assert variance_of_mean(np.array([1.0, 0.0, -1.0]), one.sample) == (0.0, 0.0)
    assert bucketed(np.array([1.0, 2.0, 3.0]), one.sample).tolist() == [6.0]


def test_numeric_names_floats_and_integers():
    columns = {"x": column([1.0]), "w": column(["a"]), "i": column([1]), "b": column([True])}

    assert numeric(columns) == ["x", "i"]


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf")])
def test_within_refuses(value):
    with pytest.raises(UsageError, match="'share' takes a number from 0 to 1"):
        within("share", value, 1)
