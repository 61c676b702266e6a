import difflib
import unicodedata

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reliability.checks.data_quality.spellings import (
    _distance,
    missing_spellings,
    mixed_types,
    near_equal_spellings,
    special_characters,
)
from reliability.evidence.text_profile import TextProfile
from reliability.records import canonical_json
from tests.checks.data_quality.counting import exact, in_blocks, listed, refusal_of, rows_of, texts

ISO = {
    mixed_types: "Con-ML-3", missing_spellings: "Com-ML-1", special_characters: "Acc-ML-1",
    near_equal_spellings: "Acc-ML-1",
}  # fmt: skip
EVERY = list(ISO)


def share(check, values):
    return check(texts({"w": values})).value


def cells(check, values):
    return check(texts({"w": values})).details["cells_found"]


def test_mixed_types_names_words_among_numbers_and_numbers_among_words():
    codes, words = ["1", "2.5", "-3e4"] * 10 + ["x1"], ["가", "b", "12"] + ["a"] * 28
    measured = mixed_types(texts({"codes": codes, "words": words, "z": ["a"] * 31}))

    assert listed(measured, "column", "cells", "positions") == [("codes", 1, [30]), ("words", 1, [2])]
    assert (measured.value, measured.n, measured.details["cells"]) == (2 / 93, 31, 93)
    assert (measured.details["iso_5259_2"], measured.unit) == (["Con-ML-3"], "share")
    assert exact(measured)


@pytest.mark.parametrize(("words", "found"), [(1, 1), (10, 10), (11, 0), (90, 10), (89, 0), (0, 0), (100, 0)])
def test_mixed_types_takes_more_than_a_tenth_for_codes_of_both_kinds(words, found):
    assert cells(mixed_types, ["a"] * words + ["1"] * (100 - words)) == found


@pytest.mark.parametrize("number", ["1", " 12 ", "-1.5", "+.5", "1e-3", "1,234,567.8", "007", "3."])
def test_mixed_types_reads_numbers(number):
    assert cells(mixed_types, [number] + ["a"] * 20) == 1


@pytest.mark.parametrize("word", ["1a", "1-2", "e5", "1.2.3", "12,34", "２x", "1 2", "일", "."])
def test_mixed_types_reads_other_texts_as_words(word):
    assert cells(mixed_types, [word] + ["a"] * 20) == 0


def test_mixed_types_counts_no_spelling_of_nothing():
    assert cells(mixed_types, ["1"] * 30 + ["?", "미상", "none"]) == 0


@pytest.mark.parametrize(
    "spelling",
    ["?", "-", "n/a", "N.A.", "unknown", "Unknown ", "NULL ", "미상", "알 수 없음", "결측", "ｎ／ａ", "#N/A", " ", "."],
)
def test_missing_spellings_are_found_whatever_case_width_and_spaces(spelling):
    assert cells(missing_spellings, [spelling, "a", "b"]) == 1


@pytest.mark.parametrize(
    "word", ["a-b", "no answer given by the customer", "nan's", "unknowns", "미상환", "--5", "??!"]
)
def test_missing_spellings_spares_what_only_contains_one(word):
    assert cells(missing_spellings, [word, "a", "b"]) == 0


@pytest.mark.parametrize("word", ["none", "없음", "해당 없음", "No"])
def test_words_for_nothing_count_only_beside_another_spelling(word):
    assert cells(missing_spellings, [word, "a", "b"]) == 0
    assert cells(missing_spellings, [word, "a", "?"]) == 2


def test_missing_spellings_says_how_many_a_column_has():
    measured = missing_spellings(texts({"w": ["?", "n/a", "N/A ", "a", "?", None], "v": ["a"] * 6}))

    assert listed(measured, "column", "cells", "spellings", "positions") == [("w", 4, 3, [0, 1, 2, 4])]
    assert (measured.value, measured.details["iso_5259_2"]) == (4 / 11, ["Com-ML-1"])
    assert exact(measured)


@pytest.mark.parametrize(
    "damaged",
    [
        "a\u200bb", "a\x00b", "a\x7f", "\ufeffa", "so\u00adft", "ab\ufffd", "占쏙옙", "cafÃ©", "Itâ€™s",
        "한글".encode().decode("latin-1"), "전주시".encode("cp949").decode("latin-1"), "a\u202eb",
        "é".encode().decode("cp1252"), "가격".encode().decode("cp1252", errors="ignore"),
    ],
)  # fmt: skip
def test_special_characters_are_found(damaged):
    assert cells(special_characters, [damaged, "a"]) == 1


@pytest.mark.parametrize(
    "sound", ["café", "Ångström", "naïve", "한글 123", "日本語", "a\tb", "a\nb", "Ça va", "50 €", "½ über", "ÉÀ", "–"]
)
def test_special_characters_spares_letters_of_every_language(sound):
    assert cells(special_characters, [sound, "a"]) == 0


def test_special_characters_names_the_rows():
    measured = special_characters(texts({"w": ["a", "b\u200b", None, "\ufffd"], "v": ["a"] * 4}))

    assert listed(measured, "column", "cells", "value", "positions") == [("w", 2, 2 / 3, [1, 3])]
    assert (measured.value, measured.details["iso_5259_2"]) == (2 / 7, ["Acc-ML-1"])


def test_near_equal_spellings_counts_all_but_the_commonest():
    values = ["Seoul"] * 5 + ["seoul"] * 3 + ["SEOUL ", "Se oul", "Ｓｅｏｕｌ", "se-oul"] + ["Busan"] * 4
    measured = near_equal_spellings(texts({"city": values, "z": ["a"] * 16}))

    assert listed(measured, "column", "cells", "variants", "slips", "positions") == [
        ("city", 7, 7, 0, [5, 6, 7, 8, 9, 10, 11])
    ]
    assert (measured.value, measured.details["iso_5259_2"]) == (7 / 32, ["Acc-ML-1"])
    assert exact(measured)


@pytest.mark.parametrize(
    ("common", "rare", "found"),
    [
        ("birmingham", "birminghxm", True), ("birmingham", "birmingam", True), ("birmingham", "birminghamm", True),
        ("married", "maried", True), ("mother", "other", False), ("typical", "atypical", False),
        ("male", "male2", False),
        ("male", "mule", False), ("11th", "12th", False), ("scip-inf-1", "scip-inf-2", False),
        ("al-scip-inf-1", "al-scip-ixf-1", True), ("al-scip-inf-1", "al-scip-inf-2", False),
        ("married", "unmarried", False), ("Austria", "Australia", False), ("birmingham", "burminghxm", False),
        ("서울특별시", "서울특벌시", True), ("경상남도", "경상북도", False),
        ("강남구", "강북구", False), ("고졸", "초졸", False),
        ("surgery patients on beta blockers", "suxgery patixnts on beta blockers", True),
        ("surgery patients on beta blockers", "suxgery patixnts on bxta blockers", False),
    ],
)  # fmt: skip
def test_near_equal_spellings_tells_slips_from_other_words(common, rare, found):
    measured = near_equal_spellings(texts({"w": [common] * 40 + [rare] + ["zzz", "quite another"]}))

    assert measured.details["cells_found"] == int(found)
    assert [one["slips"] for one in measured.details["columns"]] == [1] * found


@pytest.mark.parametrize(
    ("common", "rare", "found"),
    [
        ("house", "houxe", True), ("hose", "hoxe", False), ("12 streets", "12 strexts", True),
        ("12streex", "12strexx", False), ("서울시청", "서울시처", True), ("마당길", "마당글", False),
    ],
)  # fmt: skip
def test_a_slip_needs_five_letters_and_nine_of_korean_or_with_digits(common, rare, found):
    assert cells(near_equal_spellings, [common] * 10 + [rare] + ["zzzzzzzzzzzz"]) == int(found)


def test_of_equally_common_spellings_the_first_in_order_stands():
    measured = near_equal_spellings(texts({"w": ["seoul", "Seoul", "seoul", "Seoul", "SEOUL"]}))

    assert listed(measured, "cells", "variants", "positions") == [(3, 3, [0, 2, 4])]


@pytest.mark.parametrize(("common", "rare", "found"), [(10, 1, 1), (9, 1, 0), (30, 3, 3), (29, 3, 0)])
def test_a_slip_is_ten_times_as_rare(common, rare, found):
    assert cells(near_equal_spellings, ["birmingham"] * common + ["birminghxm"] * rare) == found


def test_a_slip_is_measured_against_all_spellings_of_the_word():
    assert cells(near_equal_spellings, ["Birmingham"] * 6 + ["birmingham"] * 4 + ["birminghxm"]) == 5


def test_near_equal_spellings_leaves_out_columns_of_too_many_levels():
    many = [f"name {i}" for i in range(1_001)]
    measured = near_equal_spellings(texts({"many": many, "w": ["Seoul"] * 1_000 + ["seoul"]}))

    assert measured.details["columns_left_out"] == ["many"]
    assert (measured.value, measured.details["columns_read"]) == (1 / 1_001, 1)
    assert refusal_of(near_equal_spellings, texts({"many": many})) == "no_rows"


def plain_distance(first, second):
    """Levenshtein's distance by its definition."""
    if not first or not second:
        return len(first) + len(second)
    changed = plain_distance(first[1:], second[1:]) + (first[0] != second[0])
    return min(changed, plain_distance(first[1:], second) + 1, plain_distance(first, second[1:]) + 1)


@settings(max_examples=80, deadline=None)
@given(st.text("abc", max_size=5), st.text("abc", max_size=5), st.integers(0, 6))
@example("", "ab", 6)
@example("ab", "", 6)
@example("abca", "bcac", 2)
def test_distance_is_levenshteins(first, second, most):
    true = plain_distance(first, second)

    found = _distance(first, second, most)

    assert found == true if true <= most else found > most


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text("abcdefgh", min_size=5, max_size=9), min_size=2, max_size=6, unique=True))
def test_slips_are_what_an_exhaustive_search_finds(words):
    counts = [1 if i % 2 else 12 for i in range(len(words))]
    values = [word for word, n in zip(words, counts, strict=True) for _ in range(n)]
    slips = {
        rare for rare, n in zip(words, counts, strict=True) for common, m in zip(words, counts, strict=True)
        if m >= 10 * n and rare[0] == common[0] and plain_distance(rare, common) <= 1
    }  # fmt: skip

    assert cells(near_equal_spellings, values) == len(slips)


@pytest.mark.parametrize("check", EVERY)
def test_without_text_nothing_is_wrong_with_its_writing(check):
    none = check(texts({"x": [1, 2]}))

    assert (none.value, none.low, none.high, none.reason.code) == (0.0, None, None, "no_text_features")
    assert (none.n, none.unit, none.method) == (2, "share", "exact")
    assert none.details == {"iso_5259_2": [ISO[check]], "cells": 0, "columns": []}


@pytest.mark.parametrize("check", EVERY)
def test_text_without_a_row_says_nothing(check):
    assert refusal_of(check, texts({"w": np.array([], str)}, n=0)) == "no_rows"


@pytest.mark.parametrize("check", EVERY)
def test_clean_text_has_nothing_wrong_with_it(check):
    measured = check(texts({"w": ["서울", "부산", "대구"] * 20, "v": ["yes", "no"] * 30}))

    assert (measured.value, measured.details["columns"]) == (0.0, [])


def grouped(groups, columns=None, **more):
    columns = columns or {"n": [1] * len(next(iter(groups.values())))}
    return TextProfile.of(rows_of(columns, groups=groups, **more))


@pytest.mark.parametrize("variant", ["f", "F ", " F", "F.", "Ｆ", "'F'", "F,"])
def test_a_group_that_spelling_splits_is_found_beside_clean_features(variant):
    names = ["F"] * 6 + [variant] * 4 + ["M"] * 10
    features = {f"x{index}": ["a", "b"] * 10 for index in range(30)}
    measured = near_equal_spellings(grouped({"sex": names}, features))

    assert (measured.value, measured.n, measured.details["groups_read"]) == (4 / 20, 20, 1)
    assert listed(measured, "column", "cells", "value", "positions") == [("sex", 4, 4 / 20, [6, 7, 8, 9])]
    assert (measured.details["cells"], measured.details["cells_found"], measured.details["columns_read"]) == (
        600,
        0,
        30,
    )
    assert exact(measured)


def test_every_spelling_of_a_group_but_the_commonest_is_a_variant():
    names = [*"FFFffMMMM", "F ", "Ｆ", "F."]

    assert near_equal_spellings(grouped({"sex": names})).value == 5 / 12


def test_composed_and_decomposed_letters_are_one_group():
    assert near_equal_spellings(grouped({"city": ["Orl\u00e9ans"] * 3 + ["Orle\u0301ans"]})).value == 0.25


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BBB", "BBB-"), ("BBB", "BBB+"), ("1-3", "13"), ("1 3", "13"), ("1.5", "15"), ("<30", ">30"), ("F", "M"),
        ("0-30", "30-"), ("Latino", "Latina"), ("-1", "1"), ("A", "Α"),
    ],
)  # fmt: skip
def test_groups_that_are_two_stay_two(one, other):
    assert near_equal_spellings(grouped({"g": [one] * 40 + [other]})).value == 0.0


@pytest.mark.parametrize(
    ("one", "other"),
    [("non binary", "Non-Binary"), ("B-1", "b1"), ("서울 강남", "서울강남"), ("a_b", "AB"), ("...", "...")],
)
def test_groups_are_one_but_for_what_joins_their_words(one, other):
    assert near_equal_spellings(grouped({"g": [one] * 3 + [other]})).value == (0.0 if one == other else 0.25)


@pytest.mark.parametrize("role", ["sensitive", "segments", "strata"])
def test_sensitive_attributes_segments_and_strata_are_read_for_their_writing(role):
    roles = {"sensitive": (), "segments": (), "strata": ()} | {role: ("g",)}
    variants = grouped({"g": ["F", "F", "f", None], "h": ["a", "A", "b", "b"]}, **roles)
    damaged = grouped({"g": ["F", "F", "F\u200b", None], "h": ["a\ufffd", "A", "b", "b"]}, **roles)

    assert listed(near_equal_spellings(variants), "column", "value") == [("g", 1 / 3)]
    assert listed(special_characters(damaged), "column", "value", "positions") == [("g", 1 / 3, [2])]
    assert special_characters(damaged).value == 1 / 3


@pytest.mark.parametrize("check", [near_equal_spellings, special_characters])
def test_clean_groups_change_no_share_of_the_features(check):
    features = {"w": ["Seoul"] * 6 + ["seoul", "seo\u200bul", "Busan", "Busan"]}
    measured, alone = check(grouped({"g": ["F", "M"] * 5, "age": [1, 2] * 5}, features)), check(texts(features))

    assert alone.value > 0
    assert measured.details == {**alone.details, "groups_read": 1}
    assert measured.model_copy(update={"details": {}}) == alone.model_copy(update={"details": {}})


def test_a_feature_that_groups_rows_too_stands_once_in_the_list():
    words = ["F"] * 6 + ["f", "F."]
    measured = near_equal_spellings(grouped({"sex": words, "w": ["a"] * 8}, {"sex": words, "w": ["a"] * 7 + ["A"]}))

    assert listed(measured, "column", "cells") == [("sex", 2), ("w", 1)]
    assert measured.value == 2 / 8


@pytest.mark.parametrize("check", [near_equal_spellings, special_characters])
def test_groups_of_text_are_read_where_no_feature_is_text(check):
    clean = check(grouped({"g": ["F", "M"]}))
    numbers, unknown = check(grouped({"g": [1, 2]})), grouped({"g": ["F", "M"]}, {"w": [None, "a"]}).groups

    assert (clean.value, clean.reason.code, clean.details["groups_read"]) == (0.0, "whole_file", 1)
    assert (numbers.reason.code, "groups_read" in numbers.details) == ("no_text_features", False)
    assert unknown["g"].present == 2


@pytest.mark.parametrize("check", [mixed_types, missing_spellings])
def test_other_checks_of_text_read_features_alone(check):
    assert check(grouped({"g": ["?", "1"] + ["F"] * 40})).reason.code == "no_text_features"


@pytest.mark.parametrize("cuts", [[1], [2, 4], [3, 5, 7]])
def test_spellings_of_groups_do_not_depend_on_how_rows_were_cut_into_blocks(cuts):
    rows = rows_of(
        {"n": [1] * 9}, groups={"z": [None, None, "F", "f", None, "F", "F", "F\u200b", None], "a": ["x"] * 9}
    )

    for check in (near_equal_spellings, special_characters):
        assert check(in_blocks(TextProfile, rows, cuts)) == check(TextProfile.of(rows))
        assert check(TextProfile.of(rows)).value == 1 / 5


def spoilt():
    draws = np.random.default_rng(5)
    words = draws.choice(
        ["apartment", "Apartment", "apartmxnt", "1", "?", "house", "a\u200bb"],
        300,
        p=[0.8, 0.05, 0.01, 0.04, 0.04, 0.05, 0.01],
    )
    return rows_of({"w": words.tolist(), "v": draws.choice(["x", "y", "y "], 300).tolist(), "n": [1] * 300})


@pytest.mark.parametrize("check", EVERY)
@pytest.mark.parametrize("cuts", [[1], [150], [9, 10, 299]])
def test_spellings_do_not_depend_on_how_rows_were_cut_into_blocks(check, cuts):
    rows = spoilt()

    assert check(in_blocks(TextProfile, rows, cuts)) == check(TextProfile.of(rows))
    assert check(TextProfile.of(rows)).value > 0


@pytest.mark.parametrize("check", EVERY)
def test_spellings_ignore_the_order_of_rows_and_duplication(check):
    rows = spoilt()
    shuffled = rows.where(np.random.default_rng(0).permutation(rows.n))
    once = TextProfile.of(rows)

    assert check(TextProfile.of(shuffled)) == check(once)
    assert check(once + once).value == check(once).value


@pytest.mark.parametrize("check", EVERY)
def test_records_of_text_hold_no_text(check):
    written = canonical_json(check(TextProfile.of(spoilt()))).decode()

    assert not any(word in written for word in ("partm", "house", "\u200b", "?"))
    assert unicodedata.is_normalized("NFC", written)


@pytest.mark.parametrize("check", EVERY)
def test_columns_of_text_with_the_largest_share_come_first_and_name_twenty_rows(check):
    bad = {mixed_types: "1", missing_spellings: "?", special_characters: "\ufffd", near_equal_spellings: "apartmxnt"}[
        check
    ]
    few, many = [bad] * 24 + ["apartment"] * 276, [bad] * 25 + ["apartment"] * 275
    measured = check(texts({"a": few, "b": many, "c": few}))

    assert listed(measured, "column", "cells") == [("b", 25), ("a", 24), ("c", 24)]
    assert measured.details["columns"][0]["positions"] == list(range(20))


def test_close_matches_of_the_standard_library_agree_on_a_slip():
    assert difflib.get_close_matches("birminghxm", ["birmingham", "boston"], n=1) == ["birmingham"]


def test_of_two_spellings_of_a_group_that_are_as_common_the_first_is_kept():
    measured = near_equal_spellings(grouped({"sex": ["f", "f", "M", "M", "M", "F", "F"]}))

    assert listed(measured, "column", "cells", "positions") == [("sex", 2, [0, 1])]


def test_a_group_column_without_a_value_has_no_spelling():
    assert near_equal_spellings(grouped({"sex": [None, None], "g": ["a", "b"]})).value == 0.0
