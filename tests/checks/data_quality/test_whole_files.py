import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.blocks import ColumnRule, Groups
from reliability.checks.data_quality.completeness import group_missing_gap, value_completeness
from reliability.checks.data_quality.dictionary import schema_violations
from reliability.checks.data_quality.repeats import contradictory_labels, duplicate_rows
from reliability.checks.data_quality.representation import smallest_group_size
from reliability.errors import ChecklistError, NotMeasurable
from reliability.evidence.column_profile import ColumnProfile
from reliability.evidence.group_missing import GroupMissing
from reliability.evidence.group_sizes import GroupSizes
from reliability.evidence.row_digests import RowDigests
from reliability.records import canonical_json
from tests.builders import block


def profile(columns, n=None, **roles):
    rows = n if n is not None else len(next(iter(columns.values())))
    return ColumnProfile.of(block([0] * rows, columns=columns, **roles))


def digests(y, **columns):
    return RowDigests.of(block(y, columns=columns))


def gaps(sex, **columns):
    return GroupMissing.of(block([0] * len(sex), groups={"sex": sex}, columns=columns), ("sex",))


def sizes(values, name="sex"):
    return GroupSizes.of(block([0] * len(values), groups={name: values}), (name,))


def refused(check, *evidence, **options):
    with pytest.raises(NotMeasurable) as refusal:
        check(*evidence, **options)
    return refusal.value.code


def exact(measured):
    return (measured.low, measured.high, measured.reason.code) == (None, None, "whole_file")


def test_value_completeness_is_the_share_of_cells_present():
    measured = value_completeness(profile({"x": [1.0, None, 3.0, 4.0], "w": ["a", None, None, "b"]}))

    assert (measured.value, measured.n, measured.unit) == (5 / 8, 4, "share")
    assert measured.details["iso_5259_2"] == ["Com-ML-1", "Com-ML-3"]
    assert measured.details["columns"] == [
        {"column": "w", "missing": 2, "value": 0.5},
        {"column": "x", "missing": 1, "value": 0.75},
    ]
    assert exact(measured)


def test_value_completeness_agrees_with_pandas():
    cells = np.random.default_rng(0).random((50, 3)) < 0.2
    columns = {f"c{i}": [None if gone else 1.0 for gone in cells[:, i]] for i in range(3)}

    assert value_completeness(profile(columns)).value == pd.DataFrame(columns).notna().to_numpy().mean()


def test_value_completeness_ignores_columns_that_are_no_features():
    columns = {"x": [1.0, 2.0], "z": [None, None]}

    assert value_completeness(profile(columns, features=("x",), rules={"z": ColumnRule()})).value == 1.0


def test_value_completeness_is_zero_where_every_cell_is_missing():
    assert value_completeness(profile({"x": [None, None]})).value == 0.0


def test_value_completeness_ignores_duplication():
    once = profile({"x": [1.0, None, 3.0]})

    assert value_completeness(once + once).value == value_completeness(once).value


@pytest.mark.parametrize(("rows", "code"), [(({"x": []},), "no_rows"), (({}, 3), "no_features")])
def test_value_completeness_refuses_without_cells(rows, code):
    assert refused(value_completeness, profile(*rows)) == code


def test_group_missing_gap_names_the_feature_and_the_groups():
    sex = ["F"] * 40 + ["M"] * 40
    measured = group_missing_gap(gaps(sex, x=[None] * 10 + [1.0] * 70, w=[None] * 20 + ["a"] * 50 + [None] * 10))

    assert measured.value == 0.25
    assert measured.details["worst"] == [{"sex": "F"}, {"sex": "M"}]
    assert measured.details["column"] == "x"
    assert (measured.unit, measured.n, measured.judged) == ("difference", 80, True)
    assert exact(measured)


def test_group_missing_gap_lists_every_group_with_its_share():
    sex = ["F"] * 40 + ["M"] * 40 + ["X"] + [None]
    measured = group_missing_gap(gaps(sex, x=[None] * 10 + [1.0] * 72))
    listed = [
        (group["slice"]["sex"], group["value"], group["n"], group["judged"]) for group in measured.details["groups"]
    ]

    assert listed == [("F", 0.25, 40, True), ("M", 0.0, 40, True), ("X", 0.0, 1, False), (None, 0.0, 1, False)]


def test_group_missing_gap_is_zero_where_groups_lack_alike():
    assert group_missing_gap(gaps(["F"] * 30 + ["M"] * 30, x=([None] * 3 + [1.0] * 27) * 2)).value == 0.0


def test_group_missing_gap_ignores_the_order_of_rows():
    sex, x = ["F"] * 30 + ["M"] * 30, [None] * 9 + [1.0] * 51
    backwards = group_missing_gap(gaps(sex[::-1], x=x[::-1]))

    assert backwards == group_missing_gap(gaps(sex, x=x))


def test_group_missing_gap_is_not_judged_where_too_many_rows_are_left_out():
    measured = group_missing_gap(gaps(["F"] * 40 + ["M"] * 40 + [None] * 10, x=[1.0] * 90))

    assert (measured.judged, measured.reason.code) == (False, "small_groups")
    assert measured.reason.with_ == {"by": ["sex"], "share": pytest.approx(1 / 9)}


def test_group_missing_gap_refuses_fewer_than_two_groups():
    counted = gaps(["F"] * 40 + ["M"] * 20, x=[1.0] * 60)

    assert refused(group_missing_gap, counted) == "fewer_than_two_groups"
    assert group_missing_gap(counted, minimum_group_size=20).value == 0.0


def test_group_missing_gap_refuses_rows_without_features():
    assert refused(group_missing_gap, gaps(["F", "M"])) == "no_features"


def test_group_missing_gap_passes_over_an_empty_group():
    bands = Groups(codes=np.array([0, 1], np.int32), levels=("a", "b", "c"))
    counted = GroupMissing.of(block([0, 0], groups={"g": bands}, columns={"x": [None, 1.0]}), ("g",))

    measured = group_missing_gap(counted, minimum_group_size=1)

    assert measured.value == 1.0
    assert measured.details["groups"][2]["value"] is None


def test_duplicate_rows_counts_rows_that_repeat_an_earlier_one():
    measured = duplicate_rows(digests([1, 1, 1, 0], x=[5, 5, 6, 5]))

    assert (measured.value, measured.n) == (0.25, 4)
    assert measured.details == {"iso_5259_2": ["Con-ML-1"], "rows_found": 1, "positions": [1]}
    assert exact(measured)


def test_duplicate_rows_agrees_with_pandas():
    draws = np.random.default_rng(0)
    frame = pd.DataFrame({"x": draws.integers(0, 9, 200), "y": draws.integers(0, 2, 200)})

    assert duplicate_rows(digests(frame.y, x=frame.x)).value == frame.duplicated().mean()


def test_duplicate_rows_approaches_one_where_all_rows_are_alike():
    assert duplicate_rows(digests([1] * 10, x=[None] * 10)).value == 0.9


def test_duplicate_rows_of_one_row_is_zero():
    assert duplicate_rows(digests([1], x=[1])).value == 0.0


def test_contradictory_labels_counts_every_row_of_a_contradiction():
    measured = contradictory_labels(digests([1, 0, 1, 1], x=[5, 5, 6, 6]))

    assert (measured.value, measured.details["positions"]) == (0.5, [0, 1])
    assert exact(measured)


def test_contradictory_labels_is_zero_where_equal_rows_agree():
    assert contradictory_labels(digests([1, 1, 0], x=[5, 5, 6])).value == 0.0


def test_contradictory_labels_is_one_where_no_feature_tells_classes_apart():
    assert contradictory_labels(digests([1, 0, 1], x=[5, 5, 5])).value == 1.0


@pytest.mark.parametrize("check", [duplicate_rows, contradictory_labels])
def test_shares_of_rows_refuse_no_rows_and_no_features(check):
    assert refused(check, digests([], x=[])) == "no_rows"
    assert refused(check, digests([1, 0])) == "no_features"


def test_smallest_group_size_passes_over_the_unknown_group():
    measured = smallest_group_size(sizes(["F", "M", "M", "F", "M", None]))

    assert (measured.value, measured.n, measured.unit) == (2, 6, "rows")
    assert measured.details["worst"] == [{"sex": "F"}]
    assert [group["judged"] for group in measured.details["groups"]] == [True, True, False]
    assert exact(measured)


def test_smallest_group_size_is_zero_for_a_declared_band_without_rows():
    bands = Groups(codes=np.array([0, 0], np.int32), levels=("0-30", "30-"))

    assert smallest_group_size(sizes(bands.codes)).value == 2
    assert smallest_group_size(GroupSizes.of(block([0, 0], groups={"age": bands}), ("age",))).value == 0


def test_smallest_group_size_of_one_group_is_its_size():
    assert smallest_group_size(sizes(["F", "F"])).value == 2


def test_smallest_group_size_doubles_with_the_rows():
    once = sizes(["F", "M", "M"])

    assert smallest_group_size(once + once).value == 2 * smallest_group_size(once).value


def test_smallest_group_size_refuses_rows_of_unknown_groups_and_no_rows():
    assert refused(smallest_group_size, sizes([None, None])) == "fewer_than_two_groups"
    assert refused(smallest_group_size, sizes([])) == "no_rows"


def test_schema_violations_names_the_columns_that_break_their_rule():
    rules = {"age": ColumnRule(minimum=18, maximum=100), "use": ColumnRule(values=("home", "work"))}
    measured = schema_violations(profile({"age": [17, 30, None, 200], "use": ["home"] * 4}, rules=rules))

    assert measured.value == 2 / 7
    assert measured.details["columns"] == [{"column": "age", "violations": 2, "value": 2 / 3, "positions": [0, 3]}]
    assert exact(measured)


def test_schema_violations_is_zero_where_every_cell_keeps_its_rule():
    measured = schema_violations(profile({"age": [18, 100]}, rules={"age": ColumnRule(minimum=18, maximum=100)}))

    assert (measured.value, measured.details["columns"]) == (0.0, [])


def test_schema_violations_counts_columns_that_are_no_features():
    measured = schema_violations(profile({"x": [1.0], "z": [5]}, features=("x",), rules={"z": ColumnRule(maximum=4)}))

    assert measured.value == 1.0


def test_schema_violations_refuses_rows_without_a_schema_or_without_cells():
    rules = {"age": ColumnRule(minimum=0)}

    assert refused(schema_violations, profile({"age": [1]})) == "no_schema"
    assert refused(schema_violations, profile({"age": [1]}, rules={"other": ColumnRule()})) == "no_schema"
    assert refused(schema_violations, profile({"age": [None]}, rules=rules)) == "no_rows"


def in_blocks(kind, rows, cuts, *attributes):
    parts = [rows.where(part) for part in np.split(np.arange(rows.n), cuts)]
    total = kind.of(parts[0], *attributes)
    for part in parts[1:]:
        total = total + kind.of(part, *attributes)
    return total


def messy(n=120):
    draws = np.random.default_rng(3)
    columns = {
        "x": [None if draws.random() < 0.1 else int(value) for value in draws.integers(0, 4, n)],
        "w": [None if draws.random() < 0.3 else str(value) for value in draws.choice(["가", "나"], n)],
    }
    groups = {"sex": draws.choice(["F", "M"], n).tolist(), "race": draws.choice(["a", "b"], n).tolist()}
    rules = {"x": ColumnRule(minimum=1, maximum=2)}
    return block(draws.integers(0, 2, n), columns=columns, groups=groups, rules=rules)


EVERY = [
    (value_completeness, ColumnProfile, ()),
    (schema_violations, ColumnProfile, ()),
    (duplicate_rows, RowDigests, ()),
    (contradictory_labels, RowDigests, ()),
    (group_missing_gap, GroupMissing, (("sex",),)),
    (smallest_group_size, GroupSizes, (("sex",),)),
    (smallest_group_size, GroupSizes, (("sex", "race"),)),
]


@pytest.mark.parametrize(("check", "kind", "attributes"), EVERY)
@pytest.mark.parametrize("cuts", [[1], [60], [7, 8, 119]])
def test_data_quality_does_not_depend_on_how_rows_were_cut_into_blocks(check, kind, attributes, cuts):
    rows = messy()

    assert check(in_blocks(kind, rows, cuts, *attributes)) == check(kind.of(rows, *attributes))


@pytest.mark.parametrize(("check", "kind", "attributes"), EVERY)
def test_data_quality_has_the_same_value_in_any_order_of_rows(check, kind, attributes):
    rows = messy()
    shuffled = rows.where(np.random.default_rng(0).permutation(rows.n))

    assert check(kind.of(shuffled, *attributes)).value == check(kind.of(rows, *attributes)).value


@pytest.mark.parametrize(("check", "kind", "attributes"), EVERY)
def test_data_quality_can_be_written_down(check, kind, attributes):
    measured = check(kind.of(messy(), *attributes))

    assert canonical_json(measured).startswith(b"{")
    assert type(measured.value) in (int, float)


@pytest.mark.parametrize(("check", "kind", "attributes"), EVERY)
def test_data_quality_claims_no_sampling(check, kind, attributes):
    measured = check(kind.of(messy(), *attributes))

    assert exact(measured)
    assert (measured.method, measured.judged, measured.n) == ("exact", True, 120)


GROUPED_CELLS = st.tuples(st.sampled_from("FM"), st.sampled_from([None, 1.0]), st.sampled_from([None, "a"]))


@settings(max_examples=25, deadline=None)
@given(st.lists(GROUPED_CELLS, min_size=1, max_size=30))
def test_group_missing_gap_agrees_with_pandas(rows):
    cells = [("F", None, "a"), ("M", 1.0, None), *rows]
    frame = pd.DataFrame(cells, columns=["sex", "x", "w"])
    shares = frame[["x", "w"]].isna().groupby(frame.sex).mean()

    measured = group_missing_gap(
        gaps([row[0] for row in cells], x=[row[1] for row in cells], w=[row[2] for row in cells]),
        minimum_group_size=1,
    )

    assert measured.value == pytest.approx((shares.max() - shares.min()).max(), abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3), st.sampled_from(["a", None])), min_size=1, max_size=40))
def test_duplicates_and_contradictions_agree_with_pandas(rows):
    frame = pd.DataFrame(rows, columns=["y", "x", "w"])
    counted = digests(frame.y, x=[row[1] for row in rows], w=[row[2] for row in rows])
    differing = frame.groupby(["x", "w"], dropna=False).y.transform("nunique") > 1

    assert duplicate_rows(counted).value == pytest.approx(frame.duplicated().mean(), abs=1e-15)
    assert contradictory_labels(counted).value == pytest.approx(differing.mean(), abs=1e-15)


def test_group_missing_gap_compares_the_groups_of_a_pair():
    rows = block(
        [0] * 120,
        groups={"sex": ["F"] * 60 + ["M"] * 60, "race": (["a"] * 30 + ["b"] * 30) * 2},
        columns={"x": [None] * 30 + [1.0] * 90},
    )

    measured = group_missing_gap(GroupMissing.of(rows, ("sex", "race")))

    assert measured.value == 1.0
    assert measured.details["worst"][0] == {"sex": "F", "race": "a"}


def test_group_missing_gap_ignores_the_names_of_the_groups():
    x = [None] * 9 + [1.0] * 51

    assert (
        group_missing_gap(gaps(["F"] * 30 + ["M"] * 30, x=x)).value
        == group_missing_gap(gaps([2] * 30 + [1] * 30, x=x)).value
    )


@pytest.mark.parametrize(("unknown", "judged"), [(3, True), (4, False)])
def test_group_missing_gap_is_judged_up_to_five_per_cent_of_rows_left_out(unknown, judged):
    counted = gaps(["F"] * 30 + ["M"] * 30 + [None] * unknown, x=[1.0] * (60 + unknown))

    assert group_missing_gap(counted).judged is judged


@pytest.mark.parametrize(("size", "code"), [(29, "fewer_than_two_groups"), (30, None)])
def test_group_missing_gap_judges_groups_from_the_least_size_on(size, code):
    counted = gaps(["F"] * 600 + ["M"] * size, x=[1.0] * (600 + size))

    assert code == refused(group_missing_gap, counted) if code else group_missing_gap(counted).value == 0.0


def test_duplicate_rows_takes_missing_cells_for_equal():
    assert duplicate_rows(digests([1, 1], x=[None, None], w=["a", "a"])).value == 0.5


@pytest.mark.parametrize("pair", [[1, 2], ["a", "b"], [True, False], [1.0, None], ["", None], ["1", "1 "]])
def test_duplicate_rows_tells_values_apart(pair):
    assert duplicate_rows(digests([1, 1], x=pair)).value == 0.0


def test_duplicate_rows_gives_positions_of_the_file_across_blocks():
    first = block([1, 1], columns={"x": [1, 2]})
    second = block([1, 1], columns={"x": [2, 1]}, start=2)

    assert duplicate_rows(RowDigests.of(first) + RowDigests.of(second)).details["positions"] == [2, 3]


def test_duplicate_rows_lists_twenty_positions_and_counts_all():
    measured = duplicate_rows(digests([1] * 50, x=[1] * 50))

    assert measured.details == {"iso_5259_2": ["Con-ML-1"], "rows_found": 49, "positions": list(range(1, 21))}


def test_contradictory_labels_speaks_of_values_of_a_regression():
    rows = block([1.5, 2.5, 3.5], columns={"x": [1, 1, 2]}, task="regression")

    assert contradictory_labels(RowDigests.of(rows)).value == 2 / 3


def test_contradictory_labels_counts_duplicates_on_either_side():
    measured = contradictory_labels(digests([1, 1, 0], x=[5, 5, 5]))

    assert measured.details == {"iso_5259_2": ["Con-ML-2"], "rows_found": 3, "positions": [0, 1, 2]}


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        (ColumnRule(minimum=2), 1),
        (ColumnRule(maximum=2), 1),
        (ColumnRule(minimum=1, maximum=3), 0),
        (ColumnRule(minimum=4), 3),
        (ColumnRule(values=(1, 2)), 1),
        (ColumnRule(values=()), 3),
        (ColumnRule(), 0),
    ],
)
def test_schema_violations_counts_what_lies_outside_and_keeps_the_edges(rule, broken):
    measured = schema_violations(profile({"x": [1, 2, 3]}, rules={"x": rule}))

    assert measured.details["violations"] == broken
    assert measured.value == broken / 3


def test_schema_violations_names_the_worst_column_first():
    rules = {"a": ColumnRule(maximum=0), "b": ColumnRule(maximum=0)}
    measured = schema_violations(profile({"a": [0, 1], "b": [1, 1]}, rules=rules))

    assert [column["column"] for column in measured.details["columns"]] == ["b", "a"]


def test_smallest_group_size_names_groups_of_numbers_as_numbers():
    measured = smallest_group_size(sizes([10, 9, 9]))

    assert measured.details["worst"] == [{"sex": 10}]
    assert [group["slice"]["sex"] for group in measured.details["groups"]] == [9, 10]


def test_smallest_group_size_passes_over_pairs_with_an_unknown_part():
    rows = block([0] * 4, groups={"sex": ["F", "F", "M", None], "race": ["a", "a", None, "a"]})
    measured = smallest_group_size(GroupSizes.of(rows, ("sex", "race")))

    assert measured.value == 2
    assert sum(group["judged"] for group in measured.details["groups"]) == 1


@pytest.mark.parametrize(("unknown", "judged"), [(0, True), (3, True), (4, False)])
def test_group_missing_gap_is_judged_when_exactly_a_twentieth_is_left_out(unknown, judged):
    # 57 + 3 rows: 1 - 57 / 60 in floats is above a twentieth.
    counted = gaps(["F"] * 30 + ["M"] * 27 + [None] * unknown, x=[1.0] * (57 + unknown))
    measured = group_missing_gap(counted, minimum_group_size=20)

    assert measured.judged is judged
    assert measured.reason.code == ("whole_file" if judged else "small_groups")


def test_group_missing_gap_that_meets_a_limit_is_not_rounded_beyond_it():
    sex, x = ["F"] * 10 + ["M"] * 10, [None] * 8 + [1.0] * 2 + [None] * 7 + [1.0] * 3

    assert group_missing_gap(gaps(sex, x=x), minimum_group_size=10).value == 0.1


def test_group_missing_gap_compares_a_thousand_groups():
    branch = np.repeat(np.arange(1000), 3).tolist()
    x = [None if index == 0 else 1.0 for index in range(3000)]
    counted = GroupMissing.of(block([0] * 3000, groups={"b": branch}, columns={"x": x}), ("b",))
    measured = group_missing_gap(counted, minimum_group_size=1)

    assert measured.value == 1 / 3
    assert measured.details["worst"][0] == {"b": 0}
    assert len(measured.details["groups"]) == 1000


@pytest.mark.parametrize("times", [2, 7])
def test_shares_of_the_file_follow_from_how_often_rows_are_repeated(times):
    y, x = [1, 0, 1, 1], [5, 5, 6, 7]
    measured = duplicate_rows(digests(y * times, x=x * times))

    assert measured.value == (4 * times - 4) / (4 * times)
    assert contradictory_labels(digests(y * times, x=x * times)).value == 0.5


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([None, 1, 2.5]), st.sampled_from([None, "a"])), min_size=1, max_size=30))
def test_value_completeness_agrees_with_pandas_on_any_gaps(rows):
    frame = pd.DataFrame(rows, columns=["x", "w"], dtype=object)
    measured = value_completeness(profile({"x": [row[0] for row in rows], "w": [row[1] for row in rows]}))

    assert measured.value == pytest.approx(frame.notna().to_numpy().mean(), abs=1e-15)
    assert measured.details["cells"] == 2 * len(rows)
    assert measured.details["missing"] == frame.isna().to_numpy().sum()
    for column in measured.details["columns"]:
        assert column["value"] == pytest.approx(frame[column["column"]].notna().mean(), abs=1e-15)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), min_size=1, max_size=40))
def test_smallest_group_size_agrees_with_pandas(rows):
    frame = pd.DataFrame(rows, columns=["sex", "race"])
    made = block([0] * len(rows), groups={"sex": frame.sex, "race": frame.race})

    assert smallest_group_size(GroupSizes.of(made, ("sex",))).value == frame.groupby("sex").size().min()
    pairs = smallest_group_size(GroupSizes.of(made, ("sex", "race")))
    assert pairs.value == frame.groupby(["sex", "race"]).size().min()
    assert sum(group["n"] for group in pairs.details["groups"]) == len(rows)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(-5, 5)), min_size=1, max_size=30), st.integers(-5, 5))
def test_schema_violations_agree_with_pandas(values, least):
    present = pd.Series([value for value in values if value is not None], dtype=float)
    counted = profile({"x": [7, *values]}, rules={"x": ColumnRule(minimum=least, maximum=4)})

    expected = 1 + ((present < least) | (present > 4)).sum()
    measured = schema_violations(counted)
    assert measured.details["violations"] == expected
    assert measured.value == pytest.approx(expected / (1 + len(present)), abs=1e-15)


@pytest.mark.parametrize(
    ("values", "rule", "broken"),
    [
        (["a", "b"], ColumnRule(values=("a",)), 1),
        (["a", "b"], ColumnRule(values=("a", "b", "c")), 0),
        (["a", None], ColumnRule(values=("b",)), 1),
        (["1", "2"], ColumnRule(values=(1, 2)), 2),
        ([1, 2], ColumnRule(values=(1.0, 2.0)), 0),
        ([1, 2], ColumnRule(values=("1", "2")), 2),
        ([True, False], ColumnRule(values=(True,)), 1),
        ([1.5, 2.5], ColumnRule(minimum=1.5, maximum=2.5), 0),
        ([np.inf, 1.0], ColumnRule(maximum=5), 1),
        ([-np.inf, 1.0], ColumnRule(minimum=-5), 1),
        (["가", "나"], ColumnRule(values=("가",)), 1),
        (["5"], ColumnRule(minimum=0), 1),
    ],
)
def test_schema_violations_of_every_kind_of_column(values, rule, broken):
    assert schema_violations(profile({"x": values}, rules={"x": rule})).details["violations"] == broken


def test_schema_violations_lists_twenty_positions_and_counts_all():
    measured = schema_violations(profile({"x": [9] * 50}, rules={"x": ColumnRule(maximum=1)}))

    assert measured.details["columns"] == [
        {"column": "x", "violations": 50, "value": 1.0, "positions": list(range(20))},
    ]


@pytest.mark.parametrize("minimum", [-5, 0, -(10**9)])
@pytest.mark.parametrize("columns", [{}, {"x": [None, 1.0]}])
def test_group_missing_gap_refuses_a_minimum_below_one(columns, minimum):
    with pytest.raises(ChecklistError, match=f"'minimum_group_size' must be at least 1, not {minimum}") as refusal:
        group_missing_gap(gaps(["F", "M"], **columns), minimum_group_size=minimum)

    assert refusal.value.code == "option_too_small"


@pytest.mark.parametrize("minimum", [1, 2])
def test_group_missing_gap_never_compares_an_empty_group(minimum):
    bands = Groups(codes=np.array([0, 0, 1, 1], np.int32), levels=("a", "b", "c"))
    counted = GroupMissing.of(block([0] * 4, groups={"g": bands}, columns={"x": [None, 1.0, 1.0, 1.0]}), ("g",))

    assert group_missing_gap(counted, minimum_group_size=minimum).value == 0.5
    assert group_missing_gap(counted, minimum_group_size=minimum).n == 4


def test_duplicate_rows_and_contradictions_of_one_large_run_are_counted():
    n = 20_000
    counted = digests([0, 1] * (n // 2), x=[1] * n)

    assert duplicate_rows(counted).details["rows_found"] == n - 2
    assert contradictory_labels(counted).details["rows_found"] == n
    assert contradictory_labels(counted).details["positions"] == list(range(20))


def refusal_of(check, *evidence, **options):
    with pytest.raises(NotMeasurable) as refusal:
        check(*evidence, **options)
    return refusal.value.code, refusal.value.values


def test_value_completeness_lists_the_emptiest_column_first_and_equal_ones_by_name():
    measured = value_completeness(profile({"b": [1, 2], "d": [None, 2], "a": [1, 2], "c": [None, None]}))

    assert [(one["column"], one["missing"]) for one in measured.details["columns"]] == [
        ("c", 2),
        ("d", 1),
        ("a", 0),
        ("b", 0),
    ]
    assert (measured.details["cells"], measured.details["missing"], measured.value) == (8, 3, 5 / 8)


def test_schema_violations_names_equal_columns_by_name():
    rules = {name: ColumnRule(maximum=0) for name in "bac"}
    measured = schema_violations(profile({"b": [1, 0], "a": [1, 0], "c": [0, 0]}, rules=rules))

    assert [one["column"] for one in measured.details["columns"]] == ["a", "b"]
    assert (measured.details["cells"], measured.details["violations"], measured.value) == (6, 2, 1 / 3)
    assert (measured.n, measured.unit, measured.method) == (2, "share", "exact")


@pytest.mark.parametrize("attributes", [("sex",), ("sex", "race")])
def test_comparisons_of_groups_say_which_attributes_left_fewer_than_two(attributes):
    unknown = block([0] * 3, groups={"sex": [None] * 3, "race": ["a", "b", None]}, columns={"x": [1, 2, None]})
    expected = ("fewer_than_two_groups", {"by": list(attributes)})

    assert refusal_of(smallest_group_size, GroupSizes.of(unknown, attributes)) == expected
    assert refusal_of(group_missing_gap, GroupMissing.of(unknown, attributes), minimum_group_size=1) == expected


def test_sizes_that_do_not_belong_to_the_groups_are_a_mistake_in_the_program():
    fewer = {"attributes": ("sex",), "levels": (("F",), ("M",), ("X",)), "sizes": np.array([40, 40])}

    with pytest.raises(ValueError, match="zip"):
        smallest_group_size(GroupSizes(**fewer))
    with pytest.raises((ValueError, IndexError)):
        group_missing_gap(GroupMissing(**fewer, features=("x",), missing=np.zeros((2, 1), np.int64)))


def test_smallest_group_size_lists_every_group_in_order_and_names_the_first_of_equal_ones():
    measured = smallest_group_size(sizes(["M", "F", None, "X", "M", "F"]))

    assert measured.details["groups"] == [
        {"slice": {"sex": name}, "value": n, "low": None, "high": None, "n": n, "judged": name is not None}
        for name, n in (("F", 2), ("M", 2), ("X", 1), (None, 1))
    ]
    assert smallest_group_size(sizes(["M", "F"])).details["worst"] == [{"sex": "F"}]


def test_group_missing_gap_lists_groups_with_the_shares_of_the_worst_feature():
    sex = ["F"] * 30 + ["M"] * 60
    measured = group_missing_gap(gaps(sex, w=[None] * 3 + ["a"] * 87, x=[1.0] * 60 + [None] * 30))

    assert measured.details == {
        "iso_5259_2": ["Com-ML-3"],
        "column": "x",
        "worst": [{"sex": "M"}, {"sex": "F"}],
        "groups": [
            {"slice": {"sex": "F"}, "value": 0.0, "low": None, "high": None, "n": 30, "judged": True},
            {"slice": {"sex": "M"}, "value": 0.5, "low": None, "high": None, "n": 60, "judged": True},
        ],
    }
    assert (measured.value, measured.n, measured.unit, measured.method) == (0.5, 90, "difference", "exact")


def test_group_missing_gap_does_not_compare_small_and_unknown_groups_however_much_they_lack():
    sex, x = ["F"] * 300 + ["M"] * 300 + ["X"] * 20 + [None] * 5, [1.0] * 600 + [None] * 25
    measured = group_missing_gap(gaps(sex, x=x))

    assert (measured.value, measured.n, measured.judged) == (0.0, 600, True)
    assert [one["value"] for one in measured.details["groups"]] == [0.0, 0.0, 1.0, 1.0]


@pytest.mark.parametrize("share", [0.04, 0.06])
def test_group_missing_gap_counts_small_and_unknown_groups_as_left_out(share):
    out = round(1000 * share)
    sex = ["F"] * 500 + ["M"] * (500 - out) + ["X"] * 25 + [None] * (out - 25)
    measured = group_missing_gap(gaps(sex, x=[1.0] * 1000))

    assert measured.judged is (share <= 0.05)
    if not measured.judged:
        assert measured.reason.with_ == {"by": ["sex"], "share": pytest.approx(share, abs=1e-12)}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["F", "M", "X", None]), st.sampled_from([None, 1.0])), max_size=40))
def test_group_missing_gap_never_grows_with_the_least_size_of_a_group(rows):
    sex, x = ["F", "M", *(row[0] for row in rows)], [None, 1.0, *(row[1] for row in rows)]
    counted, found = gaps(sex, x=x), []
    for least in range(1, 12):
        try:
            found.append(group_missing_gap(counted, minimum_group_size=least).value)
        except NotMeasurable:
            break

    assert found == sorted(found, reverse=True)
    assert all(0 <= value <= 1 for value in found)


def test_group_missing_gap_of_no_rows_finds_no_groups():
    assert refusal_of(group_missing_gap, gaps([], x=[])) == ("fewer_than_two_groups", {"by": ["sex"]})


def test_a_group_with_fewer_values_than_attributes_is_a_mistake_in_the_program():
    made = GroupSizes(attributes=("sex", "race"), levels=(("F",),), sizes=np.array([3]))

    with pytest.raises(ValueError, match="zip"):
        smallest_group_size(made)


def test_group_missing_gap_of_more_sizes_than_groups_is_a_mistake_in_the_program():
    made = {"levels": (("F",),), "sizes": np.array([40, 40]), "missing": np.zeros((2, 1), np.int64)}

    with pytest.raises(ValueError, match="zip"):
        group_missing_gap(GroupMissing(attributes=("sex",), features=("x",), **made))
