"""Advice on a product: what counts, for how long, and lines that nobody can rely on."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.certification.bodies import Engagement
from reliability.certification.engagements import on_product, read_engagements
from reliability.errors import RecordError

ORGANISATION = {"name": "온고을신용", "registration": "402-81-00000"}
SYSTEM = {"name": "소액대출 심사 모델"}


def engagement(**changes):
    given = {
        "organisation": "온고을신용",
        "system": "소액대출 심사 모델",
        "person": "choi",
        "date": "2026-01-31",
        "kind": "자문",
    }
    return Engagement.model_validate(given | changes)


def counts(on, months=24, applicant=ORGANISATION, product=SYSTEM, **changes):
    return bool(on_product((engagement(**changes),), applicant, product, on=on, months=months))


def written(tmp_path, *lines):
    path = tmp_path / "engagements.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("day", "months", "last"), [
    ("2026-01-31", 1, date(2026, 2, 27)), ("2024-01-31", 1, date(2024, 2, 28)), ("2024-02-29", 12, date(2025, 2, 27)),
    ("2024-02-29", 24, date(2026, 2, 27)), ("2024-02-29", 48, date(2028, 2, 28)), ("2026-08-31", 6, date(2027, 2, 27)),
    ("2026-12-31", 2, date(2027, 2, 27)), ("2026-11-02", 24, date(2028, 11, 1)),
])  # fmt: skip
def test_advice_counts_through_the_day_before_the_look_back_is_over(day, months, last):
    assert counts(last, months, date=day)
    assert not counts(last + timedelta(days=1), months, date=day)


def test_advice_of_today_and_of_a_later_day_counts():
    assert counts(date(2026, 1, 31), months=1)
    assert counts(date(2026, 1, 30), months=1)


@given(day=st.dates(date(2020, 1, 1), date(2030, 12, 31)), months=st.integers(1, 60), later=st.integers(1, 2000))
def test_advice_that_no_longer_counts_never_counts_again(day, months, later):
    over = next(on for on in (day + timedelta(days=n) for n in range(0, 40 * months + 40, 7))
                if not counts(on, months, date=day))  # fmt: skip

    assert not counts(over + timedelta(days=later), months, date=day)


@given(day=st.dates(date(2020, 1, 1), date(2030, 12, 31)), months=st.integers(1, 59), after=st.integers(0, 2000))
def test_a_longer_look_back_never_forgets_what_a_shorter_one_knows(day, months, after):
    on = day + timedelta(days=after)

    assert counts(on, months + 1, date=day) or not counts(on, months, date=day)


@pytest.mark.parametrize("changes", [
    {"organisation": "(주) 온고을 신용"}, {"organisation": "4028100000"}, {"system": "소액대출심사모델"},
])  # fmt: skip
def test_advice_on_the_same_product_counts_however_it_is_written(changes):
    assert counts(date(2026, 3, 1), **changes)


def test_advice_to_somebody_else_or_on_something_else_does_not_count():
    day = date(2026, 3, 1)

    assert not counts(day, applicant={"name": "다른 회사"})
    assert not counts(day, applicant={})
    assert not counts(day, product={"name": "다른 모델"})
    assert not counts(day, product={})


def test_of_several_those_that_count_keep_their_order():
    old, first, second = (engagement(date=day, person=day) for day in ("2020-01-01", "2026-01-02", "2026-01-01"))
    found = on_product((old, first, second), ORGANISATION, SYSTEM, on=date(2026, 3, 1), months=24)

    assert found == (first, second)


def test_where_there_is_no_file_nobody_advised(tmp_path):
    assert read_engagements(tmp_path / "engagements.jsonl") == ()


def test_every_line_is_read_and_empty_ones_are_nothing(tmp_path):
    lines = [json.dumps(engagement(person=name).model_dump(mode="json"), ensure_ascii=False) for name in ("a", "b")]

    assert [one.person for one in read_engagements(written(tmp_path, lines[0], "", "   ", lines[1]))] == ["a", "b"]


@pytest.mark.parametrize("line", [
    "{", "[]", "null", '"온고을신용"', "{}", '{"organisation": "온고을신용"}', "자문하였음",
])  # fmt: skip
def test_the_first_line_that_nobody_can_rely_on_is_named(tmp_path, line):
    good = json.dumps(engagement().model_dump(mode="json"), ensure_ascii=False)

    with pytest.raises(RecordError, match=r"engagements\.jsonl:3") as caught:
        read_engagements(written(tmp_path, good, "", line, "{"))
    assert (caught.value.code, caught.value.values["line"]) == ("engagements_unreadable", 3)


@pytest.mark.parametrize("changes", [
    {"date": "2026-02-30"}, {"date": None}, {"person": " "}, {"organisation": ""}, {"system": 7}, {"note": "x"},
])  # fmt: skip
def test_advice_without_its_day_or_names_or_with_more_is_none(tmp_path, changes):
    line = json.dumps(engagement().model_dump(mode="json") | changes, ensure_ascii=False)

    with pytest.raises(RecordError):
        read_engagements(written(tmp_path, line))
