import numpy as np
import pytest

from reliability.checks.data_quality.labels import disputed_labels_difference
from reliability.errors import ChecklistError
from reliability.evidence.probe import GroupSample
from reliability.evidence.sample import Sample
from reliability.intervals.proportions import clopper_pearson
from tests.builders import block
from tests.checks.data_quality.counting import refusal_of


def sampled(*args, size=20_000, **more):
    return Sample.of(block(*args, **more), seed=0, size=size)


def biased(share, n=1_200):
    draws = np.random.default_rng(9)
    x = draws.normal(0, 1, n)
    sex = np.array(["F", "M"] * (n // 2))
    labels = (x > 0).astype(int)
    harder = (sex == "F") & (labels == 1) & (draws.random(n) < share)
    labels[harder] = 0
    rows = sampled(labels, columns={"x": x.tolist(), "sex": sex.tolist()}, groups={"sex": sex.tolist()})
    return GroupSample(sample=rows, attributes=("sex",))


def test_disputed_labels_difference_finds_the_group_whose_labels_were_made_harder():
    clean, harder = disputed_labels_difference(biased(0.0)), disputed_labels_difference(biased(0.3))

    assert (clean.value < 0.05, harder.value > 0.1) == (True, True)
    assert harder.details["worst"] == [{"sex": "M"}, {"sex": "F"}]
    assert (harder.unit, harder.low > 0, harder.judged) == ("difference", True, True)
    assert harder.details["source"] == "cross_validated_linear_model"


def test_disputed_labels_difference_of_more_rows_than_it_uses_compares_those_it_uses():
    all_of_them = biased(0.3)
    measured = disputed_labels_difference(all_of_them, sample_size=400)
    used = all_of_them.sample.smaller(400)
    sex, refused = np.array(used.columns["sex"].as_labels()), used.y_true == 0

    assert (measured.details["of_n"], measured.judged) == (1_200, True)
    assert {one["slice"]["sex"]: one["n"] for one in measured.details["groups"]} == {
        name: int(np.count_nonzero(refused & (sex == name))) for name in "FM"
    }


def test_disputed_labels_difference_counts_unfavourable_labels_only():
    measured = disputed_labels_difference(biased(0.3))
    rows = biased(0.3).sample

    refused = {
        name: int(((rows.y_true == 0) & (np.array(rows.columns["sex"].as_labels()) == name)).sum()) for name in "FM"
    }
    assert {group["slice"]["sex"]: group["n"] for group in measured.details["groups"]} == refused


def test_disputed_labels_difference_refuses_what_has_no_favourable_outcome():
    rows = sampled([0, 1] * 30, columns={"x": [1.0, 2.0] * 30}, groups={"g": ["a", "b"] * 30}, favourable=())

    assert refusal_of(disputed_labels_difference, GroupSample(sample=rows, attributes=("g",))) == "no_favourable"


def test_disputed_labels_difference_of_small_groups_is_not_measured():
    measured = disputed_labels_difference(biased(0.3), minimum_group_size=5_000)

    assert (measured.value, measured.reason.code) == (None, "fewer_than_two_groups")


def test_disputed_labels_difference_with_entities_is_wider():
    group_sample = biased(0.3)
    labels, columns = group_sample.sample.y_true, group_sample.sample.columns
    clustered = sampled(
        labels, columns=dict(columns), groups=dict(group_sample.sample.groups), entity=np.arange(1_200) // 30
    )
    wide = disputed_labels_difference(GroupSample(sample=clustered, attributes=("sex",)))
    narrow = disputed_labels_difference(group_sample)

    assert wide.high - wide.low > narrow.high - narrow.low


def test_disputed_labels_difference_uses_5000_rows_unless_said_otherwise():
    labels = np.arange(5_001) % 2
    rows = sampled(labels, columns={"x": labels}, groups={"g": ["a"] * 5_001}, favourable=(0,))
    measured = disputed_labels_difference(GroupSample(sample=rows, attributes=("g",)))

    # The row that is left out is one of 2,500 refusals.
    assert (measured.n, measured.details["of_n"]) == (2_499, 5_001)


def test_the_seed_draws_the_folds_and_is_0_unless_said_otherwise():
    draws = np.random.default_rng(12)
    # A line can hardly tell these labels: other folds dispute others.
    rows = sampled(draws.integers(0, 2, 120), columns={"x": draws.normal(size=120)}, groups={"g": ["a", "b"] * 60})
    evidence = GroupSample(sample=rows, attributes=("g",))
    measured = disputed_labels_difference(evidence)

    assert measured == disputed_labels_difference(evidence, seed=0)
    assert measured.details != disputed_labels_difference(evidence, seed=1).details


def refusals(attributes, *groups, **more):
    """Rows in so many groups with so many refusals, as (level of every attribute, refusals), and as many favourable."""
    levels = [level for level, n in groups for _ in range(2 * n)]
    labels = np.arange(len(levels)) % 2
    columns = {name: [level[at] for level in levels] for at, name in enumerate(attributes)}
    rows = sampled(labels, columns={"x": (labels * 2.0 - 1).tolist()}, groups=columns, **more)
    return GroupSample(sample=rows, attributes=attributes)


def groups_of(measured):
    return [(tuple(one["slice"].values()), one["n"], one["judged"]) for one in measured.details["groups"]]


def test_groups_of_thirty_refusals_are_compared_unless_said_otherwise():
    evidence = refusals(("g",), (("a",), 30), (("b",), 29), (("c",), 60))
    by_default, of_one = (
        disputed_labels_difference(evidence),
        disputed_labels_difference(evidence, minimum_group_size=1),
    )

    assert groups_of(by_default) == [(("a",), 30, True), (("b",), 29, False), (("c",), 60, True)]
    assert all(one["judged"] for one in of_one.details["groups"])


@pytest.mark.parametrize("least", [0, -1])
def test_groups_of_no_refusals_are_refused_as_an_option(least):
    with pytest.raises(ChecklistError) as refused:
        disputed_labels_difference(biased(0.0), minimum_group_size=least)

    assert (refused.value.code, refused.value.values) == (
        "option_too_small", {"option": "minimum_group_size", "least": 1, "value": least},
    )  # fmt: skip


def test_groups_are_listed_in_natural_order_and_the_unknown_last():
    evidence = refusals(("g",), (("10",), 40), ((None,), 3), (("2",), 50), (("9",), 35))

    assert groups_of(disputed_labels_difference(evidence)) == [
        (("2",), 50, True), (("9",), 35, True), (("10",), 40, True), ((None,), 3, False),
    ]  # fmt: skip


def test_groups_by_two_attributes_are_the_pairs_that_occur():
    evidence = refusals(("g", "h"), (("b", 2), 40), (("a", 10), 31), (("b", None), 2), (("a", 2), 35))

    assert groups_of(disputed_labels_difference(evidence)) == [
        (("a", 2), 35, True), (("a", 10), 31, True), (("b", 2), 40, True), (("b", None), 2, False),
    ]  # fmt: skip


def test_only_the_group_whose_rows_share_entities_is_worth_fewer():
    # Two groups of the same rows; in the second, every thirty are of one entity. The third has no refusal.
    draws = np.random.default_rng(5)
    x = np.tile(draws.normal(0, 1, 300), 2)
    labels = (x + np.tile(draws.normal(0, 1, 300), 2) > 0).astype(int)
    entity = np.r_[np.arange(1_000, 1_300), np.arange(300) // 30, [5_000]]
    rows = sampled(
        np.r_[labels, 1],
        columns={"x": [*x.tolist(), 3.0]},
        groups={"g": ["a"] * 300 + ["b"] * 300 + ["c"]},
        entity=entity,
    )
    measured = disputed_labels_difference(GroupSample(sample=rows, attributes=("g",)))
    own, shared, empty = measured.details["groups"]

    assert own["n"] == shared["n"] > 100
    assert own["high"] - own["low"] < 0.9 * (shared["high"] - shared["low"])
    alone = clopper_pearson(round(own["value"] * own["n"]), own["n"], confidence=0.95)
    assert (own["low"], own["high"]) == (pytest.approx(alone[0], abs=0.01), pytest.approx(alone[1], abs=0.01))
    assert (empty["n"], empty["value"], empty["low"], empty["high"], empty["judged"]) == (0, None, None, None, False)
    assert measured.method == "mover_clopper_pearson_effective_n"
