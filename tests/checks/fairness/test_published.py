"""Published figures, from the data that stands beside the project (skipped where it does not)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reliability.checks.fairness.odds import equalized_odds_difference, equalized_odds_ratio
from reliability.checks.fairness.rates import (
    false_positive_rate_difference,
    false_positive_rate_ratio,
    selection_rate_difference,
    selection_rate_ratio,
    true_positive_rate_difference,
    true_positive_rate_ratio,
)
from reliability.evidence.group_counts import GroupCounts
from tests.builders import block

DATA = Path(__file__).parents[4] / "shared" / "data"
# Fairlearn's user guide, "Metrics": 18 rows.
Y_TRUE = [0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1]
Y_PRED = [0, 0, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0]
GROUP = list("bbabbcccaacabccbcc")
ADULT = (
    "age workclass fnlwgt education education-num marital-status occupation relationship race sex "
    "capital-gain capital-loss hours-per-week native-country income"
).split()


def table_of(name, **options):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return pd.read_csv(path, **options)


def counted(y_true, y_pred, groups, **more):
    return GroupCounts.of(block(y_true, y_pred, groups={"group": groups}, **more), ("group",))


def first_of_split(table, share):
    """The rows of the first part of a split by AIF360: numpy's legacy stream, seed 0."""
    return table.iloc[np.random.RandomState(0).permutation(len(table))[: int(share * len(table))]]


@pytest.mark.parametrize(
    ("check", "value", "rates"),
    [
        (selection_rate_difference, 0.25, {"a": 0.75, "b": 0.5, "c": 0.5}),
        (selection_rate_ratio, 0.666667, {"a": 0.75, "b": 0.5, "c": 0.5}),
        (true_positive_rate_difference, 0.2, {"a": 0.5, "b": 0.6, "c": 0.4}),
        (true_positive_rate_ratio, 0.666667, {"a": 0.5, "b": 0.6, "c": 0.4}),
        (false_positive_rate_difference, 1.0, {"a": 1.0, "b": 0.0, "c": 0.666667}),
        (false_positive_rate_ratio, 0.0, {"a": 1.0, "b": 0.0, "c": 0.666667}),
        # The part that differs most is the false positive rate.
        (equalized_odds_difference, 1.0, {"a": 1.0, "b": 0.0, "c": 0.666667}),
        (equalized_odds_ratio, 0.0, {"a": 1.0, "b": 0.0, "c": 0.666667}),
    ],
)
def test_rates_of_fairlearns_guide_are_reproduced(check, value, rates):
    measured = check(counted(Y_TRUE, Y_PRED, GROUP), minimum_group_size=1)
    found = {group["slice"]["group"]: group["value"] for group in measured.details["groups"]}

    assert measured.value == pytest.approx(value, abs=5e-7)
    assert found == pytest.approx(rates, abs=5e-7)


def test_group_sizes_of_fairlearns_guide_are_reproduced():
    groups = selection_rate_ratio(counted(Y_TRUE, Y_PRED, GROUP), minimum_group_size=1).details["groups"]

    assert [group["n"] for group in groups] == [4, 6, 8]


def test_mean_difference_of_german_credit_is_reproduced():
    train = first_of_split(table_of("german/german.csv"), 0.7)
    measured = selection_rate_difference(
        counted(train["credit"], train["credit"], train["age"] >= 25, classes=(2, 1), positive=1)
    )

    assert measured.value == pytest.approx(0.169905, abs=5e-7)
    assert measured.details["worst"] == [{"group": False}, {"group": True}]


def test_mean_difference_of_adult_is_reproduced():
    parts = [
        table_of(f"adult/adult.{part}", names=ADULT, skipinitialspace=True, comment="|") for part in ("test", "train")
    ]
    train = first_of_split(pd.concat(parts), 0.7)
    earns = train["income"].str.startswith(">50K").astype(int).to_numpy()
    measured = selection_rate_difference(counted(earns, earns, train["sex"].to_numpy()))

    assert len(train) == 34_189
    assert measured.value == pytest.approx(0.193075, abs=5e-7)


def test_denial_rates_of_boston_mortgages_equal_those_of_pandas():
    table = table_of("hmda_boston/HMDA.csv")
    measured = selection_rate_difference(
        counted(table["deny"], table["deny"], table["afam"], classes=("no", "yes"), positive="yes")
    )
    expected = (table["deny"] == "yes").groupby(table["afam"]).agg(["mean", "size"])

    assert len(table) == 2_380
    for group in measured.details["groups"]:
        mean, size = expected.loc[group["slice"]["group"]]
        assert (group["value"], group["n"]) == (pytest.approx(mean, abs=1e-12), size)
