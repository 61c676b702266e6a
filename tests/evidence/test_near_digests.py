import numpy as np
import pytest

from reliability.evidence import near_digests
from reliability.evidence.near_digests import ROUNDED, KeptDigests, NearDigests
from tests.builders import block


def digested(y, **columns):
    return NearDigests.of(block(y, columns=columns))


def shared(first, second, name):
    return len(np.intersect1d(first.kept[name].digests, second.kept[name].digests))


def test_rows_that_differ_in_one_column_meet_where_it_is_left_out():
    here, there = digested([1], x=[1.0], w=["a"]), digested([1], x=[9.0], w=["a"])

    assert {name: shared(here, there, name) for name in here.kept} == {"x": 1, "w": 0, "y": 0, ROUNDED: 0}


def test_rows_that_differ_in_their_label_meet_where_the_target_is_left_out():
    here, there = digested([1], x=[1.0]), digested([0], x=[1.0])

    assert (shared(here, there, "y"), shared(here, there, "x")) == (1, 0)


def test_rows_that_differ_by_rounding_meet_where_numbers_are_rounded():
    here, there = digested([1], x=[3.14159], z=[100.2]), digested([1], x=[3.14], z=[100.0])

    assert (shared(here, there, ROUNDED), shared(here, there, "x")) == (1, 0)


def test_rounding_keeps_text_and_yes_or_no():
    here, there = digested([1], w=["a"], b=[True]), digested([1], w=["b"], b=[True])

    assert shared(here, there, ROUNDED) == 0
    assert shared(here, digested([1], w=["a"], b=[True]), ROUNDED) == 1


def test_columns_are_not_taken_for_one_another():
    here, there = digested([1], x=[1.0], z=[2.0]), digested([1], x=[2.0], z=[1.0])

    assert {shared(here, there, name) for name in here.kept} == {0}


def test_equal_rows_are_counted_and_the_first_is_placed():
    kept = digested([1, 0, 1, 1], x=[5, 5, 7, 5]).kept[ROUNDED]
    by_position = dict(zip(kept.positions.tolist(), kept.counts.tolist(), strict=True))

    assert by_position == {0: 2, 1: 1, 2: 1}


def test_only_the_smallest_digests_are_kept_and_their_rows_are_all_counted(monkeypatch):
    monkeypatch.setattr(near_digests, "KEPT", 8)
    digests = np.random.default_rng(0).integers(0, 2**64, 40, np.uint64).repeat(3)
    kept = KeptDigests.of(digests, np.arange(120))

    assert kept.digests.tolist() == np.unique(digests)[:8].tolist()
    assert kept.counts.tolist() == [3] * 8
    assert kept.reach == kept.digests[-1]


def test_many_alike_rows_do_not_hide_the_others(monkeypatch):
    monkeypatch.setattr(near_digests, "KEPT", 8)
    digests = np.concatenate((np.full(1000, 5, np.uint64), np.arange(2**63, 2**63 + 20, dtype=np.uint64)))
    kept = KeptDigests.of(digests, np.arange(len(digests)))

    assert kept.digests.tolist() == [5, *range(2**63, 2**63 + 7)]
    assert kept.counts.tolist() == [1000, *[1] * 7]


@pytest.mark.parametrize("cut", [1, 17, 60, 119])
def test_kept_digests_add_to_the_same_whatever_the_cut(cut, monkeypatch):
    monkeypatch.setattr(near_digests, "KEPT", 8)
    digests, places = np.random.default_rng(1).integers(0, 30, 120).astype(np.uint64) << np.uint64(58), np.arange(120)
    whole = KeptDigests.of(digests, places)
    added = KeptDigests.of(digests[cut:], places[cut:]) + KeptDigests.of(digests[:cut], places[:cut])

    for name in ("digests", "counts", "positions"):
        assert getattr(added, name).tolist() == getattr(whole, name).tolist()


def test_few_digests_reach_everywhere():
    kept = KeptDigests.of(np.array([3, 1], np.uint64), np.arange(2))

    assert kept.reach == 2**64 - 1
    assert kept.up_to(np.uint64(2)).digests.tolist() == [1]
