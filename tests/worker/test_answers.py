import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.errors import WorkerError
from reliability.worker import answers


def settled(described=("no", "yes"), scores=True, **changes):
    given = {"task": "binary", "classes": ("no", "yes"), "positive": 1, "threshold": None}
    return answers.settle(None if described is None else list(described), scores, **(given | changes))


def body(labels=(), scores=(), dtype="<i8") -> bytearray:
    return bytearray(np.array(labels, dtype=dtype).tobytes() + np.array(scores, dtype="<f8").tobytes())


def what(action) -> str:
    with pytest.raises(WorkerError) as caught:
        action()
    return f"{caught.value.code}:{caught.value.values['what']}"


def test_labels_take_declared_indices_when_the_order_differs():
    read = settled(described=("yes", "no")).read(body([0, 1, 1], [[1, 0], [0.25, 0.75], [0, 1]]), 3)

    assert read.labels.tolist() == [1, 0, 0]
    assert read.scores.tolist() == [1, 0.25, 0]


@pytest.mark.parametrize("described", [[0, 1], [0.0, 1.0], ["0", "1"], [False, True], ["false", "TRUE"], [" 0", "1e0"]])
def test_classes_match_by_meaning_when_their_types_differ(described):
    assert settled(described=described, classes=(1, 0)).codes == (1, 0)


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        (["no", "maybe"], "model_bad_output:label_outside_declared"),
        (["no"], "model_bad_output:class_count"),
        (["no", "yes", "maybe"], "model_bad_output:class_count"),
        (["no", "no"], "model_bad_output:classes_not_distinct"),
        ([None, "no"], "model_protocol_violation:classes"),
        ([["no"], "yes"], "model_protocol_violation:classes"),
    ],
)
def test_classes_are_refused_when_they_are_not_the_declared_ones(described, expected):
    assert what(lambda: settled(described=described)) == expected


def test_classes_are_refused_when_they_are_no_list():
    assert what(lambda: answers.settle("no", True, task="binary", classes=("n", "o"), positive=1, threshold=None))


def test_one_meaning_twice_is_refused_when_types_hide_it():
    assert what(lambda: settled(described=[1, "1"], classes=(1, 0))) == "model_bad_output:classes_not_distinct"


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([[np.nan, 1]], "not_finite"),
        ([[np.inf, 1]], "not_finite"),
        ([[-1e-9, 1]], "outside_0_1"),
        ([[0, 1 + 1e-9]], "outside_0_1"),
        ([[0.5, 0.5 + 2e-6]], "sum_not_1"),
        ([[0, 0]], "sum_not_1"),
    ],
)
def test_scores_are_refused_when_they_are_no_probabilities(scores, expected):
    assert what(lambda: settled().read(body([0], scores), 1)) == f"model_bad_output:{expected}"


def test_scores_pass_when_rounding_is_all_that_is_off():
    assert settled().read(body([0], [[0.5, 0.5 + 5e-7]]), 1).scores.tolist() == [0.5 + 5e-7]


@pytest.mark.parametrize("code", [-1, 2, 1 << 62])
def test_label_is_refused_when_no_class_has_its_number(code):
    assert what(lambda: settled(scores=False).read(body([0, code]), 2)) == "model_bad_output:label_outside_classes"


def test_threshold_is_reached_when_the_score_equals_it():
    read = settled(threshold=0.25).read(body(scores=[[0.75, 0.25], [0.76, 0.24]]), 2)

    assert read.labels.tolist() == [1, 0]


def test_threshold_marks_the_other_class_when_the_first_is_positive():
    read = settled(threshold=0.5, positive=0).read(body(scores=[[0.75, 0.25], [0.25, 0.75]]), 2)

    assert read.labels.tolist() == [0, 1]
    assert read.scores.tolist() == [0.75, 0.25]


@pytest.mark.parametrize("changes", [{"scores": False}, {"described": None}, {"scores": "yes"}])
def test_threshold_is_refused_when_there_are_no_probabilities(changes):
    assert what(lambda: settled(threshold=0.5, **changes)) == "model_bad_output:no_probabilities"


def test_multiclass_scores_keep_every_class_when_read():
    meaning = settled(described=["c", "a", "b"], task="multiclass", classes=("a", "b", "c"), positive=None)

    read = meaning.read(body([0], [[0.5, 0.25, 0.25]]), 1)

    assert read.labels.tolist() == [2]
    assert read.scores.tolist() == [[0.25, 0.25, 0.5]]


def test_regression_reads_values_when_classes_are_described_too():
    meaning = settled(task="regression", classes=(), positive=None)

    assert meaning.read(body([1.5, -2], dtype="<f8"), 2).labels.tolist() == [1.5, -2.0]
    assert meaning.reply_bytes(2) == 16


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_regression_is_refused_when_a_value_is_not_finite(value):
    meaning = settled(described=None, task="regression", classes=(), positive=None)

    assert what(lambda: meaning.read(body([0, value], dtype="<f8"), 2)) == "model_bad_output:not_finite"


def test_number_labels_are_refused_when_they_are_not_declared():
    meaning = settled(described=None, classes=(0, 1))

    assert what(lambda: meaning.read(body([0, 0.5], dtype="<f8"), 2)) == "model_bad_output:label_outside_declared"


def test_reply_length_follows_from_the_request_alone():
    assert settled().reply_bytes(3) == 3 * 8 * 3
    assert settled(scores=False).reply_bytes(3) == 3 * 8
    assert settled(threshold=0.5).reply_bytes(3) == 3 * 8 * 2
    assert settled().reply_bytes(0) == 0


@given(st.integers(-(10**9), 10**9))
@settings(database=None)
def test_meaning_is_one_whatever_the_type(number):
    assert answers.meaning(number) == answers.meaning(float(number)) == answers.meaning(str(number)) == number


@pytest.mark.parametrize("text", ["nan", "inf", "1_000", "일", "", "1,5", "0x1"])
def test_meaning_of_text_stays_text_when_it_is_no_plain_number(text):
    assert answers.meaning(text) == text


@pytest.mark.parametrize(
    ("described", "classes", "codes"),
    [
        ([False, True], (True, False), (1, 0)),
        ([0.5, 1.5], (1.5, 0.5), (1, 0)),
        ([-1, 1], ("+1", "-1"), (1, 0)),
        (["승인", "거절"], ("거절", "승인"), (1, 0)),
        ([3, 1, 2], (1, 2, 3), (2, 0, 1)),
        (["1", 2, 3.0, "four"], ("four", 3, 2, 1), (3, 2, 1, 0)),
    ],
)
def test_codes_point_into_the_declared_classes_whatever_their_type(described, classes, codes):
    assert settled(described=described, classes=classes).codes == codes


@given(st.permutations(range(4)), st.lists(st.integers(0, 3), min_size=1, max_size=5))
@settings(max_examples=60, database=None)
def test_scores_and_labels_move_with_their_class_when_columns_are_permuted(order, labels):
    meaning = settled(described=list(order), task="multiclass", classes=(0, 1, 2, 3), positive=None)
    table = np.array([np.roll([0.5, 0.25, 0.125, 0.125], row) for row in range(len(labels))])

    read = meaning.read(body([list(order).index(one) for one in labels], table[:, list(order)]), len(labels))

    assert read.labels.tolist() == labels
    np.testing.assert_array_equal(read.scores, table)


@pytest.mark.parametrize("threshold", [0.0, 0.1, 1 / 3, 0.5, 1.0])
def test_tie_is_positive_and_the_next_number_below_is_not(threshold):
    below = np.nextafter(threshold, -1) if threshold else 0.0
    read = settled(threshold=threshold).read(body(scores=[[1 - threshold, threshold], [1 - below, below]]), 2)

    assert read.labels.tolist() == [1, int(threshold == 0)]


@pytest.mark.parametrize(
    ("values", "classes", "expected"),
    [([1, 0, 1], (True, False), [0, 1, 0]), ([0.5, -2], (-2.0, "0.5"), [1, 0]), ([-0.0], (0, 1), [0])],
)
def test_number_labels_find_their_class_by_meaning(values, classes, expected):
    meaning = settled(described=None, classes=classes)

    assert meaning.labels_as == "values"
    assert meaning.read(body(values, dtype="<f8"), len(values)).labels.tolist() == expected


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("scores", [True, False])
def test_no_rows_give_no_answers_of_the_right_shape(task, scores):
    described = None if task == "regression" else ("no", "yes")
    meaning = settled(described=described, scores=scores, task=task, positive=1 if task == "binary" else None)

    read = meaning.read(bytearray(), 0)

    assert read.labels.shape == (0,)
    expected = {"binary": (0,), "multiclass": (0, 2)}.get(task) if scores else None
    assert (read.scores is None) if expected is None else (read.scores.shape == expected)


@pytest.mark.parametrize("scores", [None, 1, "true", [True], {}])
def test_scores_are_believed_only_when_said_plainly(scores):
    assert settled(scores=scores).score_columns == 0


@pytest.mark.parametrize("label", ["9" * 5000, "1" * 60_000 + "x", "." * 60_000, "1e" + "9" * 60_000])
def test_meaning_is_found_at_once_when_a_label_is_very_long(label):
    assert answers.meaning(label) == label
    assert what(lambda: settled(described=["no", label])) == "model_bad_output:label_outside_declared"


def test_refusal_shows_a_short_and_plain_label_when_the_models_is_neither():
    with pytest.raises(WorkerError) as caught:
        settled(described=["no", "\x1b[2J\n" + "y" * 10_000])

    assert len(caught.value.values["found"]) == 200
    assert caught.value.values["found"].isprintable()


@pytest.mark.parametrize(
    ("text", "meant"), [("1e3", 1000), (".5", 0.5), ("5.", 5), ("-0", 0), ("+7", 7), (" TRUE ", 1)]
)
def test_meaning_of_a_number_in_text_is_the_number(text, meant):
    assert answers.meaning(text) == meant
