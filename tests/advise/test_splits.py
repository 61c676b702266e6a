import numpy as np
import pytest

from reliability.advise.splits import chances, split
from tests.builders import block


def many(n=10_000, **more):
    return block([0, 1] * (n // 2), **more)


@pytest.mark.parametrize("trained", [False, True])
def test_every_row_is_in_one_part_only(trained):
    parted = split(many(), seed=1, trained=trained)

    assert (parted.fit.astype(int) + parted.choose + parted.confirm == 1).all()


def test_rows_are_parted_in_four_three_and_three_tenths_without_training_data():
    parted = split(many(), seed=1, trained=False)

    assert [one.mean() for one in (parted.fit, parted.choose, parted.confirm)] == pytest.approx(
        [0.4, 0.3, 0.3], abs=0.02
    )
    assert not parted.crossed
    assert (parted.learning == parted.fit).all()


def test_rows_are_halved_where_training_data_teaches():
    parted = split(many(), seed=1, trained=True)

    assert parted.choose.mean() == pytest.approx(0.5, abs=0.02)
    assert parted.crossed
    assert (parted.learning == parted.choose).all()


def test_no_order_of_rows_moves_a_row_to_another_part():
    rows = many()
    turned = np.arange(rows.n)[::-1]

    there, back = split(rows, seed=3, trained=False), split(rows.where(turned), seed=3, trained=False)

    assert (there.confirm[turned] == back.confirm).all()


def test_all_rows_of_an_entity_are_in_one_part():
    entity = np.repeat(np.arange(500), 20)
    parted = split(many(entity=entity), seed=2, trained=False)

    for mask in (parted.fit, parted.choose, parted.confirm, parted.half):
        shares = np.bincount(entity, weights=mask) / 20
        assert set(shares) == {0.0, 1.0}


def test_another_seed_parts_otherwise():
    first, second = (split(many(), seed=seed, trained=False).confirm for seed in (1, 2))

    assert 0.5 < (first == second).mean() < 0.65


def test_chances_are_even():
    drawn = chances(many(), key="a")

    assert np.histogram(drawn, 10, (0, 1))[0] == pytest.approx(1000, abs=120)
