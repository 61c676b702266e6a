"""Rows parted by keyed hash: a partition whatever the rows, and the same one whatever is beside them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.advise.gathering import joined
from reliability.advise.splits import chances, split
from tests.builders import block

ENTITIES = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=60)
SEEDS = st.integers(0, 2**70)


def rows(entity=None, n=None, start=0):
    n = len(entity) if n is None else n
    return block([place % 2 for place in range(n)], entity=entity, start=start)


def part(parted):
    """The part of every row, as a number."""
    return parted.fit * 1 + parted.choose * 2 + parted.confirm * 4


@given(entity=ENTITIES, seed=SEEDS, trained=st.booleans())
def test_every_row_does_one_thing_whatever_the_entities(entity, seed, trained):
    assert set(part(split(rows(entity), seed=seed, trained=trained)).tolist()) <= ({2, 4} if trained else {1, 2, 4})


@given(entity=ENTITIES, seed=SEEDS, trained=st.booleans())
def test_rows_of_one_entity_do_the_same_and_stand_in_the_same_half(entity, seed, trained):
    parted = split(rows(entity), seed=seed, trained=trained)

    told = {(one, where, half) for one, where, half in zip(entity, part(parted), parted.half, strict=True)}
    assert len(told) == len(set(entity))


@given(entity=ENTITIES, seed=SEEDS, trained=st.booleans(), data=st.data())
def test_no_order_of_rows_moves_one(entity, seed, trained, data):
    order = np.array(data.draw(st.permutations(range(len(entity)))))
    there = part(split(rows(entity), seed=seed, trained=trained))
    moved = part(split(rows(entity).where(order), seed=seed, trained=trained))

    assert (there[order] == moved).all()


@given(n=st.integers(1, 80), cut=st.integers(0, 80), seed=SEEDS)
def test_rows_read_in_two_blocks_are_parted_like_rows_read_in_one(n, cut, seed):
    cut = min(cut, n)
    blocks = [block([0] * size, start=start) for start, size in ((0, cut), (cut, n - cut)) if size]
    whole = split(rows(n=n), seed=seed, trained=False)

    assert (part(split(joined(blocks), seed=seed, trained=False)) == part(whole)).all()


@given(n=st.integers(2, 80), seed=SEEDS, data=st.data())
def test_a_row_is_parted_alike_whatever_other_rows_there_are(n, seed, data):
    kept = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    whole, some = split(rows(n=n), seed=seed, trained=False), split(rows(n=n).where(kept), seed=seed, trained=False)

    assert (part(whole)[kept] == part(some)).all()


@given(n=st.integers(1, 80), seed=SEEDS)
def test_labels_and_answers_do_not_move_a_row(n, seed):
    plain = rows(n=n)
    other = replace(plain, y_true=1 - plain.y_true, y_pred=plain.y_true, y_score=np.full(n, 0.3))

    assert (part(split(plain, seed=seed, trained=False)) == part(split(other, seed=seed, trained=False))).all()


@given(entity=ENTITIES, key=st.text(max_size=40))
def test_chances_are_shares_whatever_the_key(entity, key):
    drawn = chances(rows(entity), key=key)

    assert ((drawn >= 0) & (drawn < 1)).all()


@pytest.mark.parametrize("trained", [False, True])
def test_halves_are_drawn_apart_from_what_rows_are_for(trained):
    parted = split(rows(n=20_000), seed=5, trained=trained)

    for mask in (parted.choose, parted.confirm, parted.learning):
        assert parted.half[mask].mean() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(("one", "other"), [(0, 10), (1, 11), (7, 2**64 + 7), (0, 2**32)])
def test_seeds_that_end_alike_part_otherwise(one, other):
    first, second = (part(split(rows(n=5_000), seed=seed, trained=False)) for seed in (one, other))

    assert (first == second).mean() == pytest.approx(0.4**2 + 2 * 0.3**2, abs=0.03)


def test_what_confirms_never_teaches():
    for trained in (False, True):
        parted = split(rows(n=500), seed=1, trained=trained)
        assert not (parted.learning & parted.confirm).any()
        assert parted.crossed == trained
