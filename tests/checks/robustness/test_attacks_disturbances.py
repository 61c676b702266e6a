import unicodedata
from collections import Counter
from decimal import Context, Decimal

import numpy as np
import pytest

from reliability.blocks import Column
from reliability.checks.asking import (
    asked_together,
    bucketed,
    changed,
    numeric,
    output,
    sampled,
    stacked,
    variance_of_mean,
    with_labels,
    within,
)
from reliability.checks.robustness.disturbances import (
    category_swap,
    missing_values,
    noise,
    rounding,
    scaled,
    shifted,
    spacing,
    texts,
    typos,
    unseen_category,
    unseen_word,
)
from reliability.checks.robustness.spelling import respaced, with_typo
from reliability.errors import ChecklistError, NotMeasurable, UsageError
from reliability.evidence.column_profile import ColumnProfile
from reliability.evidence.probe import Answers
from tests.builders import block, column
from tests.checks.probing import labels_only, linear, probed, rows_asked

KOREAN = ["서울특별시 강남구", "부산광역시", "대전 유성구 궁동", "제주"]
PLACES = np.linspace(0, 0.999, 23)


def rng(seed=0):
    return np.random.default_rng(seed)


def mixed(n=60, seed=5):
    draws = rng(seed)
    return {
        "x": column(draws.normal(50, 9, n)),
        "i": column(draws.integers(-900, 900, n).tolist()),
        "b": column([bool(one) for one in draws.integers(0, 2, n)]),
        "w": column([None if k % 7 == 0 else KOREAN[k % 4] for k in range(n)]),
        "v": column([["red", "green", "blue"][k % 3] for k in range(n)]),
    }


def profiled(columns):
    n = len(next(iter(columns.values())))
    return ColumnProfile.of(block([0] * n, columns=columns))


def makers():
    return {
        "noise": lambda c, d: noise(c, profiled(c), d),
        "missing": missing_values,
        "swap": category_swap,
        "unseen": lambda c, d: unseen_category(c, profiled(c), d),
        "typos": typos,
        "spacing": spacing,
        "rounding": lambda c, d: rounding(c),
    }


TOUCHED = {
    "noise": {"x", "i"},
    "missing": {"x", "i", "b", "w", "v"},
    "swap": {"b", "w", "v"},
    "unseen": {"w", "v"},
    "typos": {"w", "v"},
    "spacing": {"w", "v"},
    "rounding": {"x", "i"},
}
ALL = sorted(TOUCHED)
DRAWN = [name for name in ALL if name != "rounding"]


def told(table):
    return {name: one.as_labels() for name, one in table.items()}


@pytest.mark.parametrize("name", ALL)
def test_each_disturbance_names_only_the_columns_of_its_kinds(name):
    assert set(makers()[name](mixed(), rng())(0.5 if name != "rounding" else 2)) == TOUCHED[name]


@pytest.mark.parametrize("name", ALL)
def test_each_disturbance_keeps_kind_dtype_length_and_leaves_its_input_untouched(name):
    columns = mixed()
    before = told(columns)
    at = makers()[name](columns, rng())(1.0)

    assert told(columns) == before
    for one, disturbed in at.items():
        assert disturbed.kind == columns[one].kind
        assert disturbed.values.dtype == columns[one].values.dtype
        assert len(disturbed) == len(columns[one])


@pytest.mark.parametrize("name", [one for one in ALL if one != "missing"])
def test_what_is_missing_stays_missing_and_nothing_else_goes(name):
    columns = mixed()
    columns["x"] = column([None if k % 3 == 0 else float(k) for k in range(60)])
    columns["i"] = column([None if k % 4 == 0 else k for k in range(60)])
    for one, disturbed in makers()[name](columns, rng())(1.0).items():
        assert disturbed.missing.tolist() == columns[one].missing.tolist()


@pytest.mark.parametrize("name", DRAWN)
def test_strength_nought_gives_the_rows_back(name):
    columns = mixed()
    at = makers()[name](columns, rng(3))(0.0)

    assert told(at) == {one: columns[one].as_labels() for one in at}


@pytest.mark.parametrize("name", DRAWN)
def test_a_disturbance_asked_twice_says_the_same_in_any_order_of_strengths(name):
    at = makers()[name](mixed(), rng(3))
    first = told(at(0.4))
    at(0.9)

    assert told(at(0.4)) == first
    assert told(makers()[name](mixed(), rng(3))(0.4)) == first
    assert told(makers()[name](mixed(), rng(4))(0.4)) != first


@pytest.mark.parametrize("name", ["missing", "swap", "unseen", "typos", "spacing"])
def test_cells_disturbed_at_a_small_share_are_disturbed_alike_at_a_larger(name):
    columns = mixed(400)
    at = makers()[name](columns, rng(9))
    weak, strong = told(at(0.2)), told(at(0.7))
    for one in weak:
        was = columns[one].as_labels()
        hit = [k for k in range(400) if weak[one][k] != was[k]]
        assert hit
        assert [weak[one][k] for k in hit] == [strong[one][k] for k in hit]
        assert sum(a != b for a, b in zip(strong[one], was, strict=True)) > len(hit)


@pytest.mark.parametrize("strength", [0.01, 0.5, 3.0])
def test_noise_is_recomputed_by_numpy_for_floats_and_integers(strength):
    columns = mixed(500)
    at = noise(columns, profiled(columns), rng(11))(strength)
    draws = rng(11)
    for name in ("x", "i"):
        values = columns[name].values.astype(float)
        by = draws.standard_normal(500) * strength * values.std(ddof=1)
        moved = at[name].values - columns[name].values
        np.testing.assert_allclose(moved, by if name == "x" else np.rint(by), rtol=1e-9, atol=1e-9)


def test_noise_skips_constants_and_columns_that_are_all_missing():
    empty = Column(kind="f8", values=np.zeros(4), missing=np.ones(4, bool))
    columns = {"c": column([3.0] * 4), "e": empty, "x": column([1.0, 2.0, 3.0, 9.0])}

    assert set(noise(columns, profiled(columns), rng())(1.0)) == {"x"}
    with pytest.raises(NotMeasurable, match="no_numeric_features"):
        noise({"c": columns["c"], "e": empty}, profiled(columns), rng())


def test_noise_ignores_columns_added_that_do_not_vary():
    x = column(rng(1).normal(size=30))
    plain, more = {"x": x}, {"w": column(["a"] * 30), "c": column([7] * 30), "x": x}
    first, second = (noise(one, profiled(one), rng(2))(0.3)["x"].values for one in (plain, more))

    assert first.tolist() == second.tolist()


@pytest.mark.parametrize("share", [0.0, 0.03, 0.5, 1.0])
def test_blanks_are_recomputed_by_numpy_in_the_order_of_the_columns(share):
    columns = mixed(80)
    at = missing_values(columns, rng(21))(share)
    draws = rng(21)
    for name, one in columns.items():
        gone = one.missing | (draws.random(80) < share)
        assert at[name].missing.tolist() == gone.tolist()
        assert not at[name].values[gone].any()
        assert at[name].values[~gone].tolist() == one.values[~gone].tolist()


def test_blanks_of_no_features_are_refused_and_all_missing_stays_all_missing():
    with pytest.raises(NotMeasurable, match="no_features"):
        missing_values({}, rng())
    gone = column([None, None, None])

    assert missing_values({"g": gone}, rng())(0.5)["g"].as_labels() == [None] * 3


def test_a_swap_is_drawn_from_the_rows_that_hold_another_value():
    values = ["a"] * 6 + ["b"] * 3 + ["c"]
    at = category_swap({"w": column(values)}, rng(8))(1.0)["w"].as_labels()
    draws = rng(8)
    draws.random(10)
    place = draws.random(10)
    for was, now, u in zip(values, at, place, strict=True):
        others = [one for one in sorted(values) if one != was]
        assert now == others[int(u * len(others))]


def test_a_swap_of_yes_and_no_is_a_negation():
    values = [True, False, None, True, True]
    at = category_swap({"b": column(values)}, rng())(1.0)["b"]

    assert at.as_labels() == [False, True, None, False, False]


def test_swaps_have_the_frequencies_of_the_others():
    values = ["서울"] * 5_000 + ["부산"] * 3_000 + ["제주"] * 2_000
    at = category_swap({"w": column(values)}, rng(0))(1.0)["w"].as_labels()
    counted = Counter(at[:5_000])

    assert counted["서울"] == 0
    assert counted["부산"] / 5_000 == pytest.approx(0.6, abs=0.03)
    assert counted["제주"] / 5_000 == pytest.approx(0.4, abs=0.03)


@pytest.mark.parametrize("kept", [("x",), ("x", "i")])
def test_category_disturbances_refuse_numbers_alone(kept):
    columns = {name: mixed()[name] for name in kept}
    for name, code in (("swap", "no_categories"), ("unseen", "no_categories"), ("typos", "no_text")):
        with pytest.raises(NotMeasurable) as refused:
            makers()[name](columns, rng())
        assert refused.value.code == code


def test_rounding_refuses_text_and_yes_or_no_alone():
    with pytest.raises(NotMeasurable, match="no_numeric_features"):
        rounding({name: mixed()[name] for name in ("b", "w")})


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_unseen_words_stand_where_the_draws_of_the_column_say(share):
    columns = mixed(90)
    at = unseen_category(columns, profiled(columns), rng(4))(share)
    draws = rng(4)
    for name in ("w", "v"):
        hit = draws.random(90) < share
        was = columns[name].as_labels()
        expected = ["unseen" if h and one is not None else one for h, one in zip(hit, was, strict=True)]
        assert at[name].as_labels() == expected


def test_an_unseen_word_avoids_the_words_of_the_column_and_of_other_rows():
    held = ["unseen", "unseen_", "unseen__"]

    assert unseen_word(column(held), ()) == "unseen___"
    assert unseen_word(column(["a"]), held) == "unseen___"
    assert unseen_word(column(held[:1]), held[1:]) == "unseen___"
    assert unseen_word(column(["Unseen"]), ("UNSEEN",)) == "unseen"


@pytest.mark.parametrize("digits", [1, 2, 5, 9, 15])
def test_rounding_agrees_with_decimals_of_so_many_digits(digits):
    values = np.concatenate([rng(1).normal(size=150) * 10.0 ** rng(2).integers(-12, 12, 150), [0.0, -0.0, 1.0]])
    at = rounding({"x": column(values)})(digits)["x"].values
    context = Context(prec=digits)
    expected = [float(context.create_decimal(Decimal(one))) for one in values.tolist()]

    np.testing.assert_allclose(at, expected, rtol=1e-15)


@pytest.mark.parametrize("digits", [1, 2, 3, 6])
def test_rounding_integers_agrees_with_decimals_and_keeps_short_ones(digits):
    values = [*rng(3).integers(-(10**9), 10**9, 200).tolist(), 0, 1, -9, 10**18]
    at = rounding({"i": column(values)})(digits)["i"]
    context = Context(prec=digits)

    assert at.as_labels() == [int(context.create_decimal(one)) for one in values]
    assert at.kind == "i8"


@pytest.mark.parametrize("digits", [1, 3, 7])
def test_rounding_twice_is_rounding_once_and_ignores_signs_and_row_order(digits):
    values = rng(6).lognormal(0, 5, 100)
    once = rounding({"x": column(values)})(digits)["x"]
    order = rng(7).permutation(100)

    assert rounding({"x": once})(digits)["x"].values.tolist() == once.values.tolist()
    assert rounding({"x": column(-values)})(digits)["x"].values.tolist() == (-once.values).tolist()
    assert rounding({"x": column(values[order])})(digits)["x"].values.tolist() == once.values[order].tolist()


@pytest.mark.parametrize("huge", [2**62, -(2**62), 2**63 - 1, -(2**63) + 1])
def test_huge_integers_are_kept_by_rounding_scaling_and_shifting(huge):
    held = column([huge, 1_234])

    assert rounding({"i": held})(2)["i"].as_labels() == [huge, 1_200]
    assert scaled(held, 10.0).as_labels() == [huge, 12_340]
    assert shifted(held, np.array([np.sign(huge) * 5e18, 6.0])).as_labels() == [huge, 1_240]


@pytest.mark.parametrize("factor", [10.0, 0.1, 0.001, 2.5])
def test_scaling_is_a_product_rounded_for_integers(factor):
    floats, whole = rng(1).normal(size=40), rng(2).integers(-500, 500, 40)

    assert scaled(column(floats), factor).values.tolist() == (floats * factor).tolist()
    assert scaled(column(whole), factor).values.tolist() == np.rint(whole * factor).astype(int).tolist()


def test_scaling_keeps_gaps_and_values_that_are_not_finite():
    at = scaled(column([None, float("inf"), float("-inf"), 2.0]), 10.0)

    assert at.as_labels() == [None, float("inf"), float("-inf"), 20.0]


def test_shifting_rounds_half_to_even_for_integers_and_adds_for_floats():
    by = np.array([0.5, 1.5, -0.5, -1.4, 0.49])

    assert shifted(column([10] * 5), by).values.tolist() == [10, 12, 10, 9, 10]
    assert shifted(column([10.0] * 5), by).values.tolist() == (10.0 + by).tolist()


def test_texts_are_text_columns_that_hold_something():
    gone = column(["a", None]).take(np.array([1, 1]))

    assert texts({"b": column([True]), "g": gone, "w": column(["가", None]), "x": column([1.0])}) == ["w"]


@pytest.mark.parametrize(("name", "edit"), [("typos", with_typo), ("spacing", respaced)])
def test_edits_are_those_of_the_spelling_at_the_draws_of_the_column(name, edit):
    columns = mixed(70)
    at = makers()[name](columns, rng(13))(0.6)
    draws = rng(13)
    for one in ("w", "v"):
        chance, place, kind = draws.random((3, 70))
        expected = [
            edit(text, place[k], kind[k]) if text is not None and chance[k] < 0.6 else text
            for k, text in enumerate(columns[one].as_labels())
        ]
        assert at[one].as_labels() == expected


@pytest.mark.parametrize("text", ["ab", "서울 강남", "aa", "a", "!!", "12", "한", "Zz zZ"])
@pytest.mark.parametrize("kind", [0.0, 0.26, 0.51, 0.76, 0.99])
def test_every_typo_is_one_edit_of_damerau(text, kind):
    for place in PLACES:
        slipped = with_typo(text, place, kind)
        assert slipped != text
        assert abs(len(slipped) - len(text)) <= 1
        if len(slipped) < len(text):
            assert any(slipped == text[:k] + text[k + 1 :] for k in range(len(text)))
        elif len(slipped) > len(text):
            assert any(slipped == text[:k] + text[k] + text[k:] for k in range(len(text)))
        else:
            differ = [k for k in range(len(text)) if slipped[k] != text[k]]
            assert len(differ) == 1 or (len(differ) == 2 and Counter(slipped) == Counter(text))


def test_a_wrong_hangul_key_changes_exactly_one_jamo():
    for code in range(0xAC00, 0xD7A4, 17):
        slipped = with_typo(chr(code), 0.0, 0.8)
        before, after = (unicodedata.normalize("NFD", one) for one in (chr(code), slipped))

        assert 0xAC00 <= ord(slipped) <= 0xD7A3
        assert len(before) == len(after)
        assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


def test_a_wrong_latin_key_lies_beside_and_keeps_its_case():
    for row in ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"):
        for one in row:
            slipped = with_typo(one, 0.0, 0.8)
            assert abs(row.index(slipped) - row.index(one)) == 1
            assert with_typo(one.upper(), 0.0, 0.8) == slipped.upper()


def test_empty_and_short_texts_are_left_as_they_are():
    assert all(with_typo("", place, 0.3) == "" for place in PLACES)
    assert [respaced(text, 0.5, 0.9) for text in ("", "가", "x")] == ["", "가", "x"]
    assert respaced(" ", 0.5, 0.1) == ""
    assert respaced(" ", 0.5, 0.9) == " "


@pytest.mark.parametrize("text", ["대전 유성구 궁동", "no_space", "a b", "ab"])
@pytest.mark.parametrize("kind", [0.0, 0.49, 0.5, 0.99])
def test_respacing_loses_a_space_below_a_half_and_gains_one_else(text, kind):
    for place in PLACES:
        spaced = respaced(text, place, kind)
        fewer = " " in text and kind < 0.5
        assert spaced.count(" ") - text.count(" ") == (-1 if fewer else 1)
        assert spaced.replace(" ", "") == text.replace(" ", "")
        assert fewer or (spaced[0] == text[0] and spaced[-1] == text[-1])


@pytest.mark.parametrize(("value", "most"), [(0.0, 1.0), (1.0, 1.0), (15, 15), (1e308, np.inf), (0.0, 0.0)])
def test_within_takes_both_ends(value, most):
    assert within("share", value, most) is None


@pytest.mark.parametrize("value", [-1e-12, np.nan, np.inf, -np.inf, 2.0001])
def test_within_refuses_with_its_code_and_what_it_was_given(value):
    with pytest.raises(UsageError) as refused:
        within("strength", value, 2.0)
    assert refused.value.code == "option_out_of_range"
    assert {key: refused.value.values[key] for key in ("option", "most")} == {"option": "strength", "most": 2.0}


@pytest.mark.parametrize("size", [0, -3])
def test_a_sample_of_less_than_one_row_is_refused(size):
    probe, _, _ = probed({"x": [1.0, 2.0]}, linear({"x": 1.0}))
    with pytest.raises(ChecklistError) as refused:
        sampled(probe, size)
    assert refused.value.code == "option_too_small"


@pytest.mark.parametrize("size", [1, 7, 40, 99])
def test_a_smaller_probe_is_part_of_the_larger_and_keeps_rows_with_answers(size):
    x = rng(1).normal(size=40)
    probe, _, asked = probed({"x": x}, linear({"x": 1.0}), y_true=(x > 1).astype(int))
    small = with_labels(probe, size)
    values = small.sample.columns["x"].values

    assert small.sample.n == min(size, 40)
    assert small.sample.of_n == 40
    assert set(values) <= set(x)
    assert small.answers.labels.tolist() == (values > 0).tolist()
    assert small.sample.y_true.tolist() == (values > 1).tolist()
    assert set(values) <= set(with_labels(probe, size + 1).sample.columns["x"].values)
    assert not asked


def test_a_regression_may_be_sampled_but_has_no_labels():
    probe, _, _ = probed({"x": [1.0, 2.0]}, lambda c: Answers(labels=c["x"].values), [1.0, 2.0], task="regression")

    assert sampled(probe, 1).sample.n == 1
    with pytest.raises(NotMeasurable, match="needs_classification"):
        with_labels(probe, 1)


def test_numeric_keeps_the_order_of_the_columns_and_huge_integers():
    columns = {"i": column([2**62]), "w": column(["1"]), "b": column([True]), "x": column([None])}

    assert numeric(columns) == ["i", "x"]


@pytest.mark.parametrize("sizes", [(1,), (1, 1), (3, 1, 2), (5, 4, 3, 2, 1)])
def test_stacked_rows_are_those_of_the_tables_one_after_the_other(sizes):
    tables = [{name: one.take(np.arange(k)) for name, one in mixed(20, k).items()} for k in sizes]
    together = stacked(tables)
    for name in tables[0]:
        assert together[name].as_labels() == [one for table in tables for one in table[name].as_labels()]
        assert together[name].values.dtype == tables[0][name].values.dtype


def test_stacked_disturbed_texts_read_as_each_alone():
    columns = mixed(50)
    at = typos(columns, rng(2))
    tables = [{**columns, **at(share)} for share in (0.0, 0.4, 1.0)]

    assert stacked(tables)["w"].as_labels() == [one for table in tables for one in table["w"].as_labels()]


@pytest.mark.parametrize("count", [1, 2, 6])
def test_answers_asked_together_are_those_asked_alone(count):
    probe, _, asked = probed({"x": [0.0], "z": [0.0]}, linear({"x": 1.0, "z": -2.0}))
    tables = [
        {"x": column(rng(k).normal(size=k + 1)), "z": column(rng(k + 9).normal(size=k + 1))} for k in range(count)
    ]
    together = asked_together(probe, tables)

    assert len(asked) == 1
    assert rows_asked(asked) == count * (count + 1) // 2
    for table, answers in zip(tables, together, strict=True):
        alone = linear({"x": 1.0, "z": -2.0})(table)
        assert answers.labels.tolist() == alone.labels.tolist()
        assert answers.scores.tolist() == alone.scores.tolist()


@pytest.mark.parametrize("positive", [0, 1])
def test_output_reads_the_score_from_the_side_of_the_positive_class(positive):
    probe, _, _ = probed({"x": [1.0] * 4}, linear({"x": 1.0}), positive=positive)
    score, of = np.array([0.1, 0.2, 0.7, 0.9]), np.array([0, 1, 0, 1])
    expected = [s if one == positive else 1 - s for s, one in zip(score, of, strict=True)]

    assert output(Answers(labels=of, scores=score), probe.sample, of).tolist() == expected


def test_changed_is_symmetric_and_sees_nothing_in_itself():
    probe, _, _ = probed({"x": rng(1).normal(size=30)}, linear({"x": 1.0}))
    bare, _, _ = probed({"x": rng(1).normal(size=30)}, labels_only(linear({"x": 1.0})))
    moved = linear({"x": 1.0}, 0.3)(probe.sample.columns)

    assert not changed(probe.answers, probe.answers).any()
    assert changed(probe.answers, moved).tolist() == changed(moved, probe.answers).tolist()
    assert changed(probe.answers, moved).all()
    assert changed(bare.answers, probe.answers).all()


@pytest.mark.parametrize("groups", [2, 5, 30])
def test_variance_of_buckets_is_that_of_their_sums(groups):
    values = rng(4).normal(size=120)
    values -= values.mean()
    entity = np.arange(120) % groups
    probe, _, _ = probed({"x": [1.0] * 120}, linear({"x": 1.0}), entity=entity.tolist())
    sums = np.array([values[entity == one].sum() for one in range(groups)])

    assert bucketed(values, probe.sample) == pytest.approx(sums)
    expected = groups * sums.var(ddof=1) / 120**2
    assert variance_of_mean(values, probe.sample) == pytest.approx((expected, groups - 1))
