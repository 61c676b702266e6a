import itertools

import pytest

from reliability.records import Criterion
from reliability.reports.trade_off import HEIGHT, LEFT, TOP, WIDTH, trade_off
from reliability.reports.withheld import Withheld
from reliability.words.text import words
from tests.reports.advised import RATIOS, TRADE_OFF, ratio

LIMIT = Criterion(check="fairness.selection_rate_ratio", at_least=0.8)
NOTHING = Withheld.of(())


def drawn(told=RATIOS, criterion=LIMIT, withheld=NOTHING):
    return trade_off(told, criterion, withheld, words("en"))


def moved(*points):
    return RATIOS.model_copy(update={"trade_off": points})


@pytest.fixture(scope="module")
def drawing():
    return drawn()


def test_every_remedy_is_a_point_and_so_is_today(drawing):
    assert [row.name for row in drawing.rows] == ["Today's model", "R2", "R3"]
    assert [row.mark for row in drawing.rows] == ["0", "1", "2"]
    assert [(one.today, one.front) for one in drawing.spots] == [(True, False), (False, True), (False, False)]


def test_a_better_number_lies_further_right_and_better_performance_higher(drawing):
    today, passes, helps = drawing.spots

    assert today.x < helps.x < passes.x
    assert today.y < passes.y < helps.y


def test_intervals_hold_their_point(drawing):
    for one in drawing.spots:
        assert one.low_x <= one.x <= one.high_x
        assert one.high_y <= one.y <= one.low_y


def test_everything_stays_inside_the_axes(drawing):
    for one in drawing.spots:
        assert all(LEFT <= x <= LEFT + WIDTH for x in (one.low_x, one.high_x, one.label.x))
        assert all(TOP <= y <= TOP + HEIGHT for y in (one.low_y, one.high_y, one.label_y))


def test_numbers_of_points_at_one_place_do_not_cover_each_other():
    same = [TRADE_OFF[1].model_copy(update={"remedy": id_}) for id_ in (None, "R2", "R3")]
    places = [(one.label.x, one.label_y) for one in drawn(moved(*same)).spots]

    assert len(set(places)) == 3
    for (x, y), (other_x, other_y) in itertools.combinations(places, 2):
        assert abs(x - other_x) > 6 or abs(y - other_y) > 8


def test_a_line_leads_from_a_point_to_a_number_that_stands_far_off_and_to_no_other(drawing):
    here = [TRADE_OFF[1].model_copy(update={"remedy": id_}) for id_ in (None, "R2", "R3", "R2", "R3", "R2")]
    spots = drawn(moved(*here)).spots

    assert all(one.leader is None for one in drawing.spots)
    assert [one.leader is not None for one in spots] == [False] * 4 + [True] * 2
    for one in spots[4:]:
        assert min(one.x, one.label.x) < one.leader[0] < max(one.x, one.label.x)


def test_the_limit_and_where_it_is_met_are_drawn(drawing):
    start, width = drawing.zone

    assert drawing.limit.text == "limit 0.80"
    assert start == drawing.limit.x
    assert start + width == pytest.approx(LEFT + WIDTH)


def test_an_upper_limit_is_met_to_its_left():
    start, width = drawn(criterion=Criterion(check="a.b", at_most=0.8)).zone

    assert start == LEFT
    assert start + width < LEFT + WIDTH


def test_without_a_limit_none_is_drawn():
    for criterion in (None, Criterion(check="a.b", report=True)):
        assert drawn(criterion=criterion).limit is drawn(criterion=criterion).zone is None


def test_axes_tell_their_ends_and_what_they_are(drawing):
    assert drawing.number == "Selection-rate ratio between groups (sex)"
    assert drawing.performance == "Balanced accuracy"
    assert [end.anchor for end in drawing.x_ends] == ["start", "end"]
    assert [y for y, _ in drawing.y_ends] == [TOP + HEIGHT, TOP]
    assert all(text.endswith("%") for _, text in drawing.y_ends)


def test_a_table_says_the_same_as_the_drawing(drawing):
    row = drawing.rows[1]

    assert (row.number, row.number_interval) == ("0.91", "0.83 – 0.99")
    assert (row.performance, row.performance_interval) == ("70.0%", "65.0% – 74.0%")


def test_one_point_is_no_trade_off():
    assert drawn(moved(TRADE_OFF[0])) is None
    assert drawn(moved()) is None


def test_points_without_a_value_and_of_unconfirmed_remedies_are_not_drawn():
    empty = TRADE_OFF[1].model_copy(update={"number": ratio((0.5, 0.4, 0.6)).model_copy(update={"value": None})})
    stranger = TRADE_OFF[1].model_copy(update={"remedy": "R99"})

    assert [row.mark for row in drawn(moved(TRADE_OFF[0], empty, stranger, TRADE_OFF[2])).rows] == ["0", "2"]


def test_a_number_of_a_group_too_small_to_tell_is_not_drawn():
    groups = [{"slice": {"sex": level}, "value": 0.5, "n": n} for level, n in (("남", 3), ("여", 900))]
    hidden = Withheld.of([ratio((0.6, 0.5, 0.7)).model_copy(update={"details": {"groups": groups}})])
    of_group = [
        one.model_copy(update={"number": one.number.model_copy(update={"slice": {"sex": "남"}})}) for one in TRADE_OFF
    ]

    assert drawn(moved(*of_group), withheld=hidden) is None


def test_a_point_without_an_interval_is_drawn_without_bars():
    bare = TRADE_OFF[1].model_copy(
        update={"number": TRADE_OFF[1].number.model_copy(update={"low": None, "high": None})}
    )
    spot = drawn(moved(TRADE_OFF[0], bare)).spots[1]

    assert (spot.low_x, spot.high_x) == (None, None)
    assert spot.low_y is not None
