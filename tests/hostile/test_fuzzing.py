"""A short run of what script/validate runs long: no reader of this process crashes or hangs on broken input."""

from datetime import date

import pytest
from hypothesis import strategies as st

from benchmarks.fuzzing import page, run
from benchmarks.fuzzing_targets import TARGETS, Target


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_reader_ends_in_an_answer_or_a_refusal(target):
    ran = run(target, cases=30, start=7)

    assert ran.failure == ""
    assert ran.cases >= 10


def broken(case):
    if case > 5:
        raise KeyError(case)


def test_fault_is_found_and_told_where_there_is_one():
    target = Target(name="broken", cases=lambda: st.integers(0, 100), read=broken, refusals=(ValueError,))

    ran = run(target, cases=50, start=0)

    assert ran.failure == "KeyError: 6"
    assert "| broken |" in page([ran], start=0, on=date(2026, 1, 2))
    assert "1 failures" in page([ran], start=0, on=date(2026, 1, 2))


def test_same_seed_throws_the_same():
    thrown = []
    target = Target(name="kept", cases=lambda: st.binary(max_size=9), read=thrown.append, refusals=())

    run(target, cases=20, start=3)
    first, thrown[:] = list(thrown), []
    run(target, cases=20, start=3)

    assert thrown == first
