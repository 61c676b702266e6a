import pytest

from reliability.changes import MeasurementChange
from reliability.records import Criterion, Measurement, Reason
from reliability.reports.comparison_scale import LEFT, WIDTH, _anchor, pair_scale
from reliability.words.text import words

EN = words("en")


def measurement(value, low=None, high=None, unit="share"):
    whole = Reason(code="whole_file") if low is None else None
    return Measurement(check="performance.accuracy", value=value, low=low, high=high, n=100, unit=unit, reason=whole)


def drawn(before, after, **limit):
    change = MeasurementChange(
        items=("A",),
        criterion=Criterion(check="performance.accuracy", **limit),
        before=before,
        after=after,
        claim="better",
    )
    return pair_scale(change, "Accuracy: before and after", EN)


def test_both_stand_on_one_axis_in_the_order_of_their_values():
    scale = drawn(measurement(0.6, 0.5, 0.7), measurement(0.8, 0.7, 0.9), at_least=0.75)

    assert scale.before.low < scale.before.value < scale.before.high == scale.after.low < scale.after.value
    assert scale.before.y < scale.after.y
    assert scale.before.value < scale.limits[0].x < scale.after.value
    assert scale.limits[0].text == "75%"


@pytest.mark.parametrize("values", [(0.0, 1.0), (0.999, 0.9995), (0.5, 0.5)])
def test_everything_stays_inside_the_drawing(values):
    scale = drawn(*(measurement(value, max(value - 0.1, 0), min(value + 0.1, 1)) for value in values), at_least=0.5)

    places = [one for mark in (scale.before, scale.after) for one in (mark.low, mark.value, mark.high)]
    assert all(LEFT <= place <= LEFT + WIDTH for place in (*places, scale.limits[0].x))


def test_a_number_without_an_interval_is_a_point():
    scale = drawn(measurement(0.03), measurement(0.01), at_most=0.05)

    assert (scale.before.low, scale.before.high) == (None, None)
    assert scale.after.value < scale.before.value


def test_two_limits_are_two_marks():
    assert len(drawn(measurement(0.4, 0.3, 0.5), measurement(0.5, 0.4, 0.6), between=(0.2, 0.8)).limits) == 2


def test_what_is_only_reported_has_no_mark():
    assert drawn(measurement(0.4, 0.3, 0.5), measurement(0.5, 0.4, 0.6), report=True).limits == ()


@pytest.mark.parametrize(
    ("share", "anchor"), [(0.0, "start"), (0.1, "start"), (0.5, "middle"), (0.9, "end"), (1.0, "end")]
)
def test_words_beside_a_mark_at_the_edge_run_inwards(share, anchor):
    assert _anchor(LEFT + share * WIDTH) == anchor


def test_nothing_is_drawn_where_a_value_is_missing():
    assert drawn(measurement(0.5, 0.4, 0.6), measurement(None)) is None
