import re
import unicodedata
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reliability.blocks import ColumnRule
from reliability.checks.data_quality.columns import constant_columns, identifier_columns
from reliability.checks.data_quality.completeness import feature_completeness, label_completeness, value_completeness
from reliability.checks.data_quality.dictionary import schema_violations
from reliability.checks.data_quality.numbers import outlying_values, sentinel_values
from reliability.checks.data_quality.spellings import (
    missing_spellings,
    mixed_types,
    near_equal_spellings,
    special_characters,
)
from reliability.evidence.column_histogram import ColumnHistogram
from reliability.evidence.column_profile import ColumnProfile
from reliability.evidence.distinct_values import DistinctValues
from reliability.evidence.marked_cells import CODES, MarkedCells
from reliability.evidence.text_profile import BLANKS, WORDS, TextProfile
from reliability.records import canonical_json
from tests.builders import block
from tests.checks.data_quality.counting import distinct, exact, in_blocks, listed, numbers, refusal_of, rows_of, texts

QUICK = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
RULES = {
    "x": ColumnRule(minimum=0, maximum=60), "i": ColumnRule(values=(1, 2, 3)), "w": ColumnRule(pattern="[a-z]+"),
}  # fmt: skip
KINDS = {
    value_completeness: (ColumnProfile,), feature_completeness: (ColumnProfile,),
    label_completeness: (ColumnHistogram,),
    schema_violations: (ColumnProfile,), constant_columns: (ColumnHistogram,),
    identifier_columns: (DistinctValues, ColumnHistogram), outlying_values: (ColumnHistogram, MarkedCells),
    sentinel_values: (ColumnHistogram, MarkedCells), mixed_types: (TextProfile,), missing_spellings: (TextProfile,),
    special_characters: (TextProfile,), near_equal_spellings: (TextProfile,),
}  # fmt: skip
EVERY = list(KINDS)
TEXT = [mixed_types, missing_spellings, special_characters, near_equal_spellings]
FOUND_IN_COLUMNS = [check for check in EVERY if check not in (label_completeness, constant_columns)]


def measured_of(check, rows):
    return check(*(kind.of(rows) for kind in KINDS[check]))


def profile(columns, **more):
    return ColumnProfile.of(rows_of(columns, **more))


def table(seed=0, n=240):
    draws = np.random.default_rng(seed)
    x = draws.normal(30, 4, n).round(2)
    x[draws.choice(n, 6, replace=False)] = [-999.0, -999.0, -999.0, 7e6, 8e6, -5e6]
    words = draws.choice(["married", "Married", "maried", "12", "?", "n/a", "a\u200bb", "single"], n,
                         p=[0.6, 0.05, 0.02, 0.05, 0.05, 0.03, 0.05, 0.15])  # fmt: skip
    gone = draws.random((n, 3)) < [0.05, 0.15, 0.25]
    return {
        "x": [None if no else value for no, value in zip(gone[:, 0], x.tolist(), strict=True)],
        "i": [None if no else value for no, value in zip(gone[:, 1], draws.integers(1, 5, n).tolist(), strict=True)],
        "w": [None if no else value for no, value in zip(gone[:, 2], words.tolist(), strict=True)],
        "k": ["same"] * n,
        "id": (draws.permutation(n) + 7_000).tolist(),
    }


def rows_of_table(seed=0, n=240):
    return rows_of(table(seed, n), rules=RULES)


CELLS = st.sampled_from([None, 1.0, 2.5, -3.0])
WORDS_OR_NOT = st.sampled_from([None, "a", "서울", "🙂", ""])


@QUICK
@given(st.lists(st.tuples(CELLS, CELLS, WORDS_OR_NOT), min_size=1, max_size=25))
def test_completeness_of_any_table_is_what_pandas_counts(rows):
    columns = {name: [row[at] for row in rows] for at, name in enumerate("abc")}
    present = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()}).notna()
    whole, emptiest = value_completeness(profile(columns)), feature_completeness(profile(columns))

    assert whole.value == pytest.approx(present.to_numpy().mean(), abs=1e-15)
    assert emptiest.value == pytest.approx(present.mean().min(), abs=1e-15)
    assert whole.details["missing"] == int((~present).to_numpy().sum())
    assert {one["column"]: one["missing"] for one in whole.details["columns"]} == (~present).sum().to_dict()
    assert {one["column"] for one in emptiest.details["columns"]} == set(present.columns[~present.all()])


@QUICK
@given(st.lists(st.tuples(CELLS, CELLS, WORDS_OR_NOT), min_size=1, max_size=25))
def test_constant_columns_of_any_table_are_those_that_pandas_finds(rows):
    columns = {name: [row[at] for row in rows] for at, name in enumerate("abc")}
    frame = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})
    expected = frame.columns[frame.nunique(dropna=False) == 1].tolist()

    assert listed(constant_columns(numbers(columns)[0]), "column") == [(name,) for name in expected]


@pytest.mark.parametrize("seed", range(6))
def test_completeness_lists_the_emptiest_first_and_equal_ones_by_name(seed):
    draws = np.random.default_rng(seed)
    columns = {name: [None if draws.random() < 0.5 else 1 for _ in range(5)] for name in "edcba"}
    found = listed(value_completeness(profile(columns)), "missing", "column")

    assert found == sorted(found, key=lambda one: (-one[0], one[1]))
    assert len(found) == 5


def test_completeness_counts_an_empty_text_as_a_value():
    assert value_completeness(profile({"w": ["", "a"]})).value == 1.0


@pytest.mark.parametrize("labels", [[1], [0, 0, 0], [0, 1] * 50])
def test_label_completeness_never_falls_below_one_of_what_is_read(labels):
    assert label_completeness(ColumnHistogram.of(block(labels))).details["labels"] == len(labels)


def test_label_completeness_of_a_regression_and_of_many_classes_counts_every_label():
    regression = block([1e300, -1e300, 0.0, 0.0], task="regression")
    many = block(list("abca"), classes=("a", "b", "c", "d"), task="multiclass", positive=None)

    for rows in (regression, many):
        assert (label_completeness(ColumnHistogram.of(rows)).value, rows.n) == (1.0, 4)


@QUICK
@given(st.lists(st.none() | st.floats(-1e9, 1e9), min_size=1, max_size=40), st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_schema_violations_of_a_range_are_what_numpy_counts(values, low, high):
    cells = np.array([np.nan if value is None else value for value in values])
    out = np.flatnonzero((cells < low) | (cells > high))
    rules = {"x": ColumnRule(minimum=low, maximum=high)}
    measured = schema_violations(profile({"x": [*values, 0.5]}, rules=rules | {"y": ColumnRule()}))
    last = [len(values)] if not low <= 0.5 <= high else []

    assert measured.details["violations"] == len(out) + len(last)
    assert measured.details["cells"] == np.count_nonzero(~np.isnan(cells)) + 1
    for one in measured.details["columns"]:
        assert one["positions"] == [*out.tolist(), *last][:20]


@QUICK
@given(st.lists(st.none() | st.text("ab1-\n", max_size=4), min_size=1, max_size=30))
def test_schema_violations_of_a_pattern_are_what_pythons_fullmatch_says(values):
    pattern = "a+|[ab]-1"
    bad = [at for at, value in enumerate(values) if value is not None and not re.fullmatch(pattern, value)]
    measured = schema_violations(profile({"x": [*values, "a"]}, rules={"x": ColumnRule(pattern=pattern)}))

    assert measured.details["violations"] == len(bad)
    assert [at for one in measured.details["columns"] for at in one["positions"]] == bad[:20]


@QUICK
@given(
    st.lists(st.sampled_from(["가", "나", "다", "🙂", None]), min_size=1, max_size=30),
    st.sets(st.sampled_from("가나다")),
)
def test_schema_violations_of_a_list_are_what_pandas_isin_says(values, allowed):
    given_cells = pd.Series([*values, "나"], dtype=object).dropna()
    bad = given_cells.index[~given_cells.isin(list(allowed))].tolist()
    measured = schema_violations(
        profile({"x": [*values, "나"]}, rules={"x": ColumnRule(values=tuple(sorted(allowed)))})
    )

    assert measured.value == pytest.approx(len(bad) / len(given_cells), abs=1e-15)
    assert [at for one in measured.details["columns"] for at in one["positions"]] == bad[:20]


@pytest.mark.parametrize("n", [49, 50, 51, 200, 1_500])
@pytest.mark.parametrize("repeats", [0, 1, 2, 5, 20])
def test_identifier_columns_of_text_follow_the_share_of_distinct_values(n, repeats):
    values = [f"P{at:06}" for at in range(n)]
    values[:repeats] = values[-repeats:] if repeats else []
    share = pd.Series(values).nunique() / n
    measured = identifier_columns(*distinct({"x": values}))

    if n <= 1_024:
        assert measured.value == int(n >= 50 and share >= 0.99)
        assert [one["value"] for one in measured.details["columns"]] == [share] * measured.value
    else:
        assert measured.value == int(repeats < 20)


@pytest.mark.parametrize("step", [1, 2, 5, 9, 11, 40, 1_000])
@pytest.mark.parametrize("start", [-3_000, 0, 17, 1_000_000, 10**15])
def test_identifier_columns_of_numbers_follow_their_density_and_their_length(step, start):
    values = np.arange(start, start + 80 * step, step)
    low, high = int(values.min()), int(values.max())
    codes = low > 0 and len(str(low)) == len(str(high)) >= 6

    assert identifier_columns(*distinct({"x": values})).value == int(high - low <= 800 or codes)


def test_floats_and_booleans_are_never_identifiers():
    columns = {"f": np.linspace(0, 1, 90).tolist(), "b": [True, False] * 45, "e": [None] * 90}

    assert identifier_columns(*distinct(columns)).value == 0


def quartiles(values, shares):
    return np.quantile(values, shares, method="inverted_cdf")


def outliers(values):
    """The fences from the raw numbers, the value that half of the cells hold left out."""
    kept = np.array([np.count_nonzero(values == value) * 2 < len(values) for value in values], bool)
    own = values[kept]
    if len(np.unique(own)) < 5:
        return np.zeros(len(values), bool)
    size = quartiles(np.abs(own), 0.5)
    out = kept.copy()
    for scale in (np.asarray, lambda numbers: np.arcsinh(numbers / size)) if size > 0 else (np.asarray,):
        d1, q1, q3, d9 = quartiles(scale(own), [0.1, 0.25, 0.75, 0.9])
        reach = 3 * max(q3 - q1, (d9 - d1) / 1.9)
        out &= ((scale(values) < q1 - reach) | (scale(values) > q3 + reach)) & (reach > 0)
    return out


@QUICK
@given(st.lists(st.integers(-9, 9) | st.integers(-(10**7), 10**7), min_size=1, max_size=60))
def test_outlying_values_of_repeated_whole_numbers_are_those_of_the_definition(values):
    out = outliers(np.array(values, np.float64))
    measured = outlying_values(*numbers({"x": values}))

    assert measured.details["cells_found"] == np.count_nonzero(out)
    for one in measured.details["columns"]:
        assert len(one["positions"]) <= 20
        assert set(one["positions"]) <= set(np.flatnonzero(out).tolist())


@pytest.mark.parametrize("far", [1e4, 1e9, 1e300, -1e300, -1e5])
@pytest.mark.parametrize("n", [1, 5, 19, 20, 21])
def test_outlying_values_name_the_rows_that_were_planted_and_twenty_of_them_at_most(far, n):
    values = np.random.default_rng(0).normal(0, 10, 600).round(3)
    planted = np.sort(np.random.default_rng(n).choice(600, n, replace=False))
    values[planted] = far
    measured = outlying_values(*numbers({"x": values.tolist()}))
    (one,) = measured.details["columns"]

    assert (one["cells"], one["value"]) == (n, n / 600)
    assert one["positions"] == planted.tolist()[:20]


@pytest.mark.parametrize("scale", [1e-200, 1e-3, 0.5, 1024.0, 1e200])
def test_outlying_values_do_not_depend_on_the_unit(scale):
    values = np.r_[np.random.default_rng(1).normal(40, 6, 300), 4_000.0, -900.0]
    once, scaled = (outlying_values(*numbers({"x": (values * by).tolist()})) for by in (1.0, scale))

    assert scaled.details["columns"] == once.details["columns"]
    assert once.details["cells_found"] == 2


def test_outlying_values_are_mirrored_with_the_sign():
    values = np.r_[np.random.default_rng(1).normal(5, 6, 300), 4_000.0, -900.0, 800.0]

    assert outlying_values(*numbers({"x": values.tolist()})) == outlying_values(*numbers({"x": (-values).tolist()}))


def sentinels(values):
    """The three signs from the raw numbers, code by code."""
    values = np.array(values, np.float64)
    others = values[~np.isin(values, CODES)]
    found = {}
    for code in set(values[np.isin(values, CODES)].tolist()):
        cells, different = np.count_nonzero(values == code), len(np.unique(others))
        if cells < 2 or different < 5:
            continue
        low, high = quartiles(others, [0.25, 0.75])
        gap = max(others.min() - code, code - others.max())
        if high > low and gap >= 1.5 * (high - low) and (code != 0 or cells <= 0.3 * len(values)):
            found[code] = "far"
        elif code < 0 <= others.min() and different >= 10:
            found[code] = "sign"
        elif code != 0 and different >= 20 and cells >= max(10, 10 * max(Counter(others.tolist()).values())):
            found[code] = "spike"
    return found


@QUICK
@given(
    st.lists(st.integers(-3, 60), min_size=1, max_size=50),
    st.lists(st.tuples(st.sampled_from([0, -1, -9, 77, 99, 999, -999, 2**31 - 1]), st.integers(1, 14)), max_size=3),
)
def test_sentinel_values_are_those_of_the_definition(values, planted):
    cells = [*values, *(code for code, times in planted for _ in range(times))]
    expected = sentinels(cells)
    at = [place for place, cell in enumerate(cells) if float(cell) in expected]
    measured = sentinel_values(*numbers({"x": cells}))

    assert measured.details["cells_found"] == len(at)
    for one in measured.details["columns"]:
        assert (one["codes"], one["signs"]) == (len(expected), sorted(set(expected.values())))
        assert one["positions"] == at[:20]


@pytest.mark.parametrize("times", [9, 10, 11, 30])
@pytest.mark.parametrize("code", [999, 888, 7777])
def test_a_spike_among_spread_numbers_is_found_from_ten_cells_on(times, code):
    values = np.arange(503, 12_000, 10).tolist()
    planted = [*values, *[code] * times]
    measured = sentinel_values(*numbers({"x": planted}))

    assert measured.details["cells_found"] == (times if times >= 10 else 0)
    assert [one["signs"] for one in measured.details["columns"]] == [["spike"]] * (times >= 10)


def misread(value, spellings):
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split()) in spellings


POOL = [
    "?",
    "N/A",
    "미상",
    "none",
    "없음",
    "a",
    "b-c",
    "서울",
    "12",
    "-3.5",
    "1,000",
    "1,00",
    "🙂",
    " ",
    "Unknown",
    None,
]


def kind_of(value):
    plain = value.strip().replace(",", "") if re.fullmatch(r"\s*[+-]?\d{1,3}(,\d{3})+\s*", value) else value
    try:
        float(plain)
    except ValueError:
        if misread(value, BLANKS) or not value.strip():
            return "blank"
        return "word" if misread(value, WORDS) else "other"
    return "number"


@QUICK
@given(st.lists(st.sampled_from(POOL), min_size=1, max_size=40))
def test_missing_spellings_and_mixed_types_are_what_a_walk_through_the_cells_finds(values):
    cells = [*values, "a", "a"]
    kinds = [None if value is None else kind_of(value) for value in cells]
    spelt = [at for at, kind in enumerate(kinds) if kind in ("blank", "word")] if "blank" in kinds else []
    by_kind = {kind: [at for at, one in enumerate(kinds) if one == kind] for kind in ("number", "other")}
    few = min(by_kind.values(), key=len)
    mixed = few if len(few) <= 0.1 * sum(map(len, by_kind.values())) else []
    present = len(cells) - cells.count(None)

    for check, expected in ((missing_spellings, spelt), (mixed_types, mixed)):
        measured = check(texts({"w": cells}))
        assert measured.value == pytest.approx(len(expected) / present, abs=1e-15)
        assert [at for one in measured.details["columns"] for at in one["positions"]] == expected[:20]


@pytest.mark.parametrize("spelling", sorted(BLANKS))
def test_every_spelling_of_nothing_is_found_in_capitals_and_between_spaces(spelling):
    measured = missing_spellings(texts({"w": ["a", f"  {spelling.upper()} ", spelling, "b"]}))

    assert measured.details["columns"][0]["positions"] == [1, 2]


@pytest.mark.parametrize("word", sorted(WORDS))
def test_every_word_for_nothing_needs_another_spelling_beside_it(word):
    assert missing_spellings(texts({"w": [word] * 5, "v": ["?", *"abcd"]})).details["cells_found"] == 1
    assert missing_spellings(texts({"w": [word] * 5 + ["?"]})).details["cells_found"] == 6


HIDDEN = [chr(code) for code in (*range(9), 11, 12, *range(14, 32), 127, 0xAD, *range(0x200B, 0x2010), 0xFEFF, 0xFFFD)]


@QUICK
@given(st.lists(st.tuples(st.text("abc 가나힣ł🙂日\t\n", max_size=5), st.none() | st.sampled_from(HIDDEN)), min_size=1))
def test_special_characters_are_found_wherever_they_stand_and_nowhere_else(rows):
    values = [text if hidden is None else text[:2] + hidden + text[2:] for text, hidden in rows]
    expected = [at for at, (_, hidden) in enumerate(rows) if hidden is not None]
    measured = special_characters(texts({"w": values}))

    assert measured.details["cells_found"] == len(expected)
    assert [at for one in measured.details["columns"] for at in one["positions"]] == expected[:20]


@pytest.mark.parametrize("word", ["전주시청", "대한민국", "가격표", "서울특별시", "주민등록번호"])
@pytest.mark.parametrize(("written", "read"), [("utf-8", "latin-1"), ("cp949", "latin-1"), ("utf-8", "cp1252")])
def test_korean_read_in_a_wrong_encoding_is_found(word, written, read):
    damaged = word.encode(written).decode(read, errors="ignore")

    assert special_characters(texts({"w": [damaged, word, "ok"]})).details["columns"][0]["positions"] == [0]


SPELT = st.sampled_from(["Seoul", "seoul", "SEOUL", "se-oul", " seoul", "Busan", "bu_san", "BUSAN ", "전주", "전 주"])


@QUICK
@given(st.lists(SPELT, min_size=1, max_size=40))
def test_variants_are_all_cells_but_those_of_the_commonest_spelling(values):
    frame = pd.DataFrame({"w": values})
    frame["plain"] = frame.w.str.casefold().str.replace(r"[\s_-]+", "", regex=True)
    counts = frame.groupby("plain").w.agg(lambda cells: len(cells) - cells.value_counts().max())
    measured = near_equal_spellings(texts({"w": values}))

    # Two cities are too far apart to be slips of each other.
    assert measured.details["cells_found"] == int(counts.sum())
    assert [one["slips"] for one in measured.details["columns"]] == [0] * bool(counts.sum())


@pytest.mark.parametrize("word", ["hospital", "apartment", "Wonkwang", "engineering"])
def test_every_single_slip_after_the_first_letter_is_found(word):
    for at in range(1, len(word)):
        for slip in (word[:at] + word[at + 1 :], word[:at] + "q" + word[at:], word[:at] + "q" + word[at + 1 :]):
            measured = near_equal_spellings(texts({"w": [word] * 10 + [slip]}))
            assert listed(measured, "cells", "slips", "positions") == [(1, 1, [10])], slip


@pytest.mark.parametrize("word", ["hospital", "apartment", "Wonkwang"])
def test_a_slip_of_the_first_letter_or_two_slips_are_other_words(word):
    for other in ("q" + word[1:], word[:2] + "q" + word[3:5] + "q" + word[6:], "qq" + word):
        assert near_equal_spellings(texts({"w": [word] * 40 + [other]})).value == 0.0


@pytest.mark.parametrize("check", EVERY)
@pytest.mark.parametrize("seed", range(3))
def test_cells_have_the_same_record_in_any_order_of_columns(check, seed):
    columns = table(seed)
    backwards = dict(reversed(columns.items()))
    first, second = (measured_of(check, rows_of(some, rules=RULES)) for some in (columns, backwards))

    assert first.value == second.value
    assert sorted(map(repr, first.details.get("columns", []))) == sorted(map(repr, second.details.get("columns", [])))


@pytest.mark.parametrize("check", EVERY)
@pytest.mark.parametrize("seed", range(3))
def test_cells_have_the_same_record_in_any_blocks_and_any_order_of_adding(check, seed):
    rows = rows_of_table(seed)
    whole = measured_of(check, rows)
    cuts = np.sort(np.random.default_rng(seed).choice(np.arange(1, 240), 5, replace=False)).tolist()
    shuffled = rows.where(np.random.default_rng(seed).permutation(rows.n))

    assert check(*(in_blocks(kind, rows, cuts) for kind in KINDS[check])) == whole
    assert check(*(in_blocks(kind, shuffled, cuts) for kind in KINDS[check])) == whole


@pytest.mark.parametrize("check", [check for check in EVERY if check is not identifier_columns])
def test_cells_counted_twice_have_the_same_value(check):
    evidence = [kind.of(rows_of_table()) for kind in KINDS[check]]

    assert check(*(one + one for one in evidence)).value == pytest.approx(check(*evidence).value, abs=1e-12)


@pytest.mark.parametrize("check", FOUND_IN_COLUMNS)
def test_cells_that_are_wrong_are_found_in_the_table_at_all(check):
    measured = measured_of(check, rows_of_table())

    assert measured.value > 0
    assert measured.details["columns"]
    assert exact(measured)


@pytest.mark.parametrize("check", EVERY)
@pytest.mark.parametrize("n", [60, 240, 900])
def test_positions_are_ascending_within_the_file_and_twenty_at_most(check, n):
    rows = rows_of_table(1, n)
    for one in measured_of(check, rows).details.get("columns", []):
        at = one.get("positions", [])
        assert at == sorted(set(at))
        assert len(at) <= 20
        assert all(0 <= place < n and not rows.columns[one["column"]].missing[place] for place in at)
        if "cells" in one and "positions" in one:
            assert len(at) == min(20, one["cells"])


@pytest.mark.parametrize("check", EVERY)
def test_records_of_cells_hold_none_of_them(check):
    written = canonical_json(measured_of(check, rows_of_table())).decode()

    assert not re.search("arried|single|same|n/a|-999|7000000|u200b|\u200b|70[0-9]{2}\\b", written)


@pytest.mark.parametrize("check", EVERY)
@pytest.mark.parametrize("values", [[1.0], [None], ["🙂"], ["가"], [1e308], [-(2**53)], [True]])
def test_one_row_is_measured_or_refused_by_a_code(check, values):
    rows = rows_of({"x": values}, rules={"x": ColumnRule(minimum=0)})
    text = isinstance(values[0], str)
    number = values[0] is None or (not text and values[0] is not True)
    numeric = check in (outlying_values, sentinel_values)
    if numeric and not number:
        assert refusal_of(check, *(kind.of(rows) for kind in KINDS[check])) == "no_numeric_features"
    elif values[0] is None and (numeric or check is schema_violations):
        assert refusal_of(check, *(kind.of(rows) for kind in KINDS[check])) == "no_rows"
    else:
        measured = measured_of(check, rows)
        assert (measured.n, np.isfinite(measured.value), 0 <= measured.value <= 1) == (1, True, True)


@pytest.mark.parametrize("check", TEXT)
def test_columns_of_text_that_are_all_missing_add_no_cells(check):
    alone = check(texts({"w": ["a", "?", "b"]}))
    rows = rows_of({"w": ["z", "a", "?", "b"], "v": ["x", None, None, None]}).where(np.arange(1, 4))
    beside = measured_of(check, rows)

    assert (beside.value, beside.details["cells"], beside.details["columns_read"]) == (alone.value, 3, 2)


@pytest.mark.parametrize("check", EVERY)
def test_cells_of_a_regression_are_measured_alike(check):
    columns = table()
    targets = np.linspace(-1e9, 1e9, 240)
    plain = measured_of(check, rows_of(columns, rules=RULES))

    assert measured_of(check, block(targets, columns=columns, task="regression", rules=RULES)) == plain
