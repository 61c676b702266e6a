from dataclasses import replace

import numpy as np
import pytest

from reliability.advise.inputs import breaks, input_remedies
from reliability.advise.remedies import Ground, NotTried, Rows
from reliability.blocks import ColumnRule
from reliability.errors import WorkerError
from reliability.evidence.probe import Answers
from tests.builders import block, column

RULES = {"a": ColumnRule(minimum=0, maximum=10), "b": ColumnRule(values=("x", "y"))}


class Aimed:
    """As much of an aim as input remedies look at."""

    def __init__(self, check):
        self.check = check


def rows(a=(1.0, 5.0, 50.0, -3.0), b=("x", "y", "x", "z"), **more):
    return block([0, 1, 1, 0], [0, 1, 1, 0], [0.1, 0.9, 0.9, 0.1], columns={"a": list(a), "b": list(b)}, **more)


def model(columns):
    """Positive above 4: where it is asked with a hair more or less, it turns."""
    values = columns["a"].values
    return Answers(labels=(values > 4).astype(np.int64), scores=1 / (1 + np.exp(-(values - 4) * 100)))


def learnt(name, taught, *, ask=model, check="robustness.invalid_input_handling"):
    (remedy,) = [one for one in input_remedies(Aimed(check)) if one.name == name]
    return remedy.learn(Ground(roles=taught.roles, answered=taught, ask=ask))


def test_smoothed_answers_are_means_over_small_shifts():
    taught = rows(a=np.linspace(0, 10, 4))
    tried = learnt("smoothing", taught)
    near = replace(taught, columns={"a": column([4.0, 4.05, 0.0, 10.0]), "b": column(["x"] * 4)})

    scores = tried.changed(Rows.of(near)).scores

    assert model(near.columns).scores[1] > 0.99
    assert 0.3 < scores[1] < 0.8
    assert (scores[2], scores[3]) == (pytest.approx(0, abs=1e-6), pytest.approx(1, abs=1e-6))


def test_a_row_is_smoothed_alike_whenever_it_is_asked():
    taught = rows(a=np.linspace(0, 10, 4))
    tried = learnt("smoothing", taught)
    both = [tried.ask({name: one.take(np.array(places)) for name, one in taught.columns.items()}).scores
            for places in ([0, 1, 2, 3], [3, 1])]  # fmt: skip

    assert both[0][[3, 1]].tolist() == both[1].tolist()


def test_text_where_a_number_was_is_not_shifted():
    tried = learnt("smoothing", rows(), ask=lambda columns: Answers(labels=np.zeros(len(columns["a"]), np.int64)))

    assert tried.ask({"a": column(["?"]), "b": column(["x"])}).labels.tolist() == [0]


def test_values_are_held_to_their_declared_range():
    tried = learnt("clipping", rows(rules=RULES), ask=lambda columns: Answers(labels=columns["a"].values.copy()))

    assert tried.ask({"a": column([1.0, 5.0, 50.0, -3.0]), "b": column(["x"] * 4)}).labels.tolist() == [1, 5, 10, 0]


def test_whole_numbers_are_held_to_the_whole_numbers_within():
    rules = {"a": ColumnRule(minimum=0.5, maximum=9.5)}
    tried = learnt(
        "clipping", rows(a=(1, 2, 3, 4), rules=rules), ask=lambda columns: Answers(labels=columns["a"].values)
    )

    assert tried.ask({"a": column([0, 5, 10]), "b": column(["x"] * 3)}).labels.tolist() == [1, 5, 9]


def test_rows_outside_their_domain_are_refused():
    taught = rows(rules=RULES)
    tried = learnt("refusal", taught)

    assert tried.changed(Rows.of(taught)).abstained.tolist() == [False, False, True, True]
    with pytest.raises(WorkerError, match="outside its domain"):
        tried.ask(taught.columns)
    inside = {name: one.take(np.array([0, 1])) for name, one in taught.columns.items()}
    assert tried.ask(inside).labels.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("values", "rule", "told"),
    [
        ([1.0, None, 11.0], ColumnRule(maximum=10), [False, False, True]),
        (["x", None, "q"], ColumnRule(values=("x",)), [False, False, True]),
        ([1, 2], ColumnRule(values=(1,)), [False, True]),
        (["five"], ColumnRule(minimum=0), [True]),
        ([float("inf")], ColumnRule(minimum=0, maximum=1), [True]),
    ],
)
def test_cells_against_the_dictionary_are_told(values, rule, told):
    assert breaks(column(values), rule).tolist() == told


@pytest.mark.parametrize(
    ("name", "taught", "ask", "code"),
    [
        ("smoothing", rows(), None, "no_model"),
        ("clipping", rows(rules=RULES), None, "no_model"),
        ("refusal", rows(rules=RULES), None, "no_model"),
        ("clipping", rows(), model, "no_declared_ranges"),
        ("clipping", rows(rules={"b": RULES["b"]}), model, "no_declared_ranges"),
        ("refusal", rows(), model, "no_declared_ranges"),
        ("smoothing", rows(a=("p", "q", "p", "q")), model, "no_numeric_features"),
    ],
)
def test_what_cannot_be_tried_says_why(name, taught, ask, code):
    assert learnt(name, taught, ask=ask) == NotTried(code=code)


def test_only_robustness_is_mended_by_what_is_done_to_inputs():
    assert input_remedies(Aimed("fairness.selection_rate_ratio")) == ()
    assert [one.name for one in input_remedies(Aimed("robustness.noise_consistency"))] == ["smoothing"]
