"""Answers that change with a sensitive attribute alone, and features that must not be used."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from reliability.blocks import BLOCK_ROWS, Column, Groups
from reliability.checklist.catalogue import checks
from reliability.checklist.judge import judge
from reliability.checks.fairness.inputs import barred_inputs, counterfactual_flip_rate
from reliability.errors import ChecklistError, NotMeasurable
from reliability.evidence.probe import Answers, GroupProbe, Probe
from reliability.evidence.sample import Sample
from reliability.records import Criterion, canonical_json
from reliability.submission.parts import Attribute
from tests.builders import block

BARRED = "fairness.barred_inputs"


def by_income(columns):
    """A model that never looks at the sex."""
    return Answers(labels=(columns["income"].as_floats() > 0).astype(np.int64))


def by_sex(columns):
    """A model that looks at the sex where the income is low."""
    low, sex = columns["income"].as_floats() <= 0, np.array(columns["sex"].as_labels())
    return Answers(labels=(~low | (sex == "M")).astype(np.int64))


def people(n=400, seed=0, sexes=("F", "M")):
    draws = np.random.default_rng(seed)
    sex = [sexes[one] for one in draws.integers(0, len(sexes), n)]
    return {"sex": sex, "income": draws.normal(size=n).tolist()}


def probed(columns, model, attributes=("sex",), *, groups=None, features=None, **roles):
    named = {name: columns[name] for name in attributes} if groups is None else groups
    used = tuple(columns) if features is None else features
    rows = block([0] * len(columns[next(iter(columns))]), columns=columns, groups=named, features=used, **roles)
    sample = Sample.of(rows, seed=0, size=200_000)
    asked = []

    def ask(given_):
        asked.append(given_)
        return model(given_)

    probe = Probe(sample=sample, answers=model(sample.columns), ask=ask, ask_anew=ask)
    return GroupProbe(probe=probe, attributes=attributes), asked


def test_model_that_never_looks_at_the_attribute_flips_nothing():
    given_, _ = probed(people(), by_income)
    measured = counterfactual_flip_rate(given_)

    assert (measured.value, measured.low, measured.n, measured.unit) == (0.0, 0.0, 400, "share")
    assert measured.high == pytest.approx(binomtest(0, 400).proportion_ci(0.95, "exact").high)


def test_share_of_flips_is_counted_by_hand_with_scipys_interval():
    columns = people()
    given_, asked = probed(columns, by_sex)
    measured = counterfactual_flip_rate(given_)
    low = np.array(columns["income"]) <= 0
    exact = binomtest(int(low.sum()), 400).proportion_ci(0.95, "exact")
    flips = {sex: int((low & (np.array(columns["sex"]) != sex)).sum()) for sex in "FM"}

    assert measured.value == low.mean()
    assert (measured.low, measured.high) == pytest.approx((exact.low, exact.high))
    assert {one["to"]: one["changed"] for one in measured.details["replacements"]} == flips
    assert (len(asked), measured.details["changed"], measured.method) == (1, low.sum(), "clopper_pearson")


def test_everything_but_the_attribute_stays_as_it_is():
    columns = people(50)
    given_, asked = probed(columns, by_sex)
    counterfactual_flip_rate(given_)
    (seen,) = asked
    was = given_.probe.sample.columns
    first = next(one for one in (0, 1) if was["sex"].as_labels()[0] != was["sex"].levels[one])

    assert len(seen["sex"]) == 50
    assert sorted(seen["income"].as_labels()) == sorted(was["income"].as_labels())
    assert set(zip(seen["income"].as_labels(), seen["sex"].as_labels(), strict=True)) == {
        (income, {"F": "M", "M": "F"}[sex]) for income, sex in zip(columns["income"], columns["sex"], strict=True)
    }
    assert first in (0, 1)


@pytest.mark.parametrize("kind", ["text", "bool", "whole", "real"])
def test_a_row_flips_once_however_many_replacements_flip_it(kind):
    levels = {"text": ["a", "b", "c"], "bool": [False, True], "whole": [1, 2, 3], "real": [0.5, 1.5]}[kind]
    columns = {"g": [levels[place % len(levels)] for place in range(90)]}

    def model(given_):
        return Answers(labels=np.array([one == levels[0] for one in given_["g"].as_labels()]).astype(np.int64))

    given_, _ = probed(columns, model, ("g",))
    measured = counterfactual_flip_rate(given_)

    assert measured.value == 1.0
    assert {one["to"] for one in measured.details["replacements"]} == set(levels)
    assert sum(one["n"] for one in measured.details["replacements"]) == 90 * (len(levels) - 1)


def test_rows_where_the_attribute_is_missing_are_set_too():
    columns = {"sex": [None] * 20 + ["M"] * 20, "income": [-1.0] * 40}
    given_, asked = probed(columns, by_sex)
    measured = counterfactual_flip_rate(given_)

    assert measured.value == 0.5
    assert asked[0]["sex"].as_labels() == ["M"] * 20


def test_only_the_commonest_values_are_tried():
    values = [f"v{place}" for place in range(15) for _ in range(place + 1)]
    given_, _ = probed({"g": values}, lambda one: Answers(labels=np.zeros(len(one["g"]), np.int64)), ("g",))
    measured = counterfactual_flip_rate(given_, levels=3)

    assert [one["to"] for one in measured.details["replacements"]] == ["v14", "v13", "v12"]


def banded(ages, edges=(0, 30, 65)):
    column = Column(kind="i8", values=np.array(ages, np.int64), missing=np.zeros(len(ages), np.bool_))
    return column, Attribute(name="age", edges=edges).groups(column)


def test_banded_quantities_take_the_value_of_a_row_of_every_other_band():
    ages = np.random.default_rng(1).integers(20, 80, 300)
    column, groups = banded(ages)
    given_, asked = probed(
        {"age": column},
        lambda one: Answers(labels=(one["age"].values >= 30).astype(np.int64)),
        ("age",),
        groups={"age": groups},
    )
    measured = counterfactual_flip_rate(given_, seed=3)
    parts = {one["to"]: one for one in measured.details["replacements"]}

    assert set(parts) == {"0-30", "30-65", "65-"}
    assert measured.value == 1.0
    assert parts["0-30"]["changed"] == (ages >= 30).sum() == parts["0-30"]["n"]
    assert parts["65-"]["changed"] == (ages < 30).sum()
    assert set(asked[0]["age"].values.tolist()) <= set(ages.tolist())


def test_a_band_in_which_nobody_is_is_no_replacement():
    column, groups = banded([20] * 10 + [40] * 10)
    given_, _ = probed(
        {"age": column},
        lambda one: Answers(labels=np.zeros(len(one["age"]), np.int64)),
        ("age",),
        groups={"age": groups},
    )

    assert [one["to"] for one in counterfactual_flip_rate(given_).details["replacements"]] == ["0-30", "30-65"]


@given(st.lists(st.one_of(st.none(), st.integers(0, 40)), min_size=1, max_size=80), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_a_quantity_without_bands_takes_another_value_that_occurs(values, seed):
    distinct = {one for one in values if one is not None}
    given_, asked = probed({"x": values}, lambda one: Answers(labels=np.zeros(len(one["x"]), np.int64)), ("x",))
    measured = counterfactual_flip_rate(given_, levels=2, seed=seed)
    if len(distinct) <= 2:
        return
    was, now = given_.probe.sample.columns["x"].as_labels(), asked[0]["x"].as_labels()

    assert measured.details["replacements"] == [{"attribute": "x", "to": None, "n": len(values), "changed": 0}]
    assert all(new in distinct and new != old for old, new in zip(was, now, strict=True))


def test_other_values_are_drawn_as_often_as_they_occur():
    values = [1] * 100 + [2] * 300 + [3] * 600
    given_, asked = probed({"x": values}, lambda one: Answers(labels=np.zeros(len(one["x"]), np.int64)), ("x",))
    counterfactual_flip_rate(given_, levels=2, seed=1)
    drawn = np.array(asked[0]["x"].as_labels())

    assert (drawn[:100] == 2).mean() == pytest.approx(1 / 3, abs=0.15)
    assert (drawn[400:] == 1).mean() == pytest.approx(0.25, abs=0.06)


def test_an_attribute_that_the_model_is_not_given_is_judged_by_zero():
    columns = people(120)
    given_, asked = probed(columns, by_income, features=("income",))
    measured = counterfactual_flip_rate(given_)
    limit = Criterion(check="fairness.counterfactual_flip_rate", at_most=0.0, rule="guarded")

    assert (measured.value, measured.low, measured.high, measured.n) == (0.0, None, None, 120)
    assert (measured.judged, measured.reason.code, asked) == (True, "not_an_input", [])
    assert judge(limit, [measured]).verdict == "pass"


def test_of_two_attributes_each_is_replaced_by_itself():
    columns = people(200) | {"grade": ["a", "b"] * 100}
    given_, _ = probed(columns, by_sex, ("sex", "grade"))
    measured = counterfactual_flip_rate(given_)
    alone = counterfactual_flip_rate(probed(columns, by_sex)[0])

    assert measured.value == alone.value
    assert [one["attribute"] for one in measured.details["replacements"]] == ["sex", "sex", "grade", "grade"]


@pytest.mark.parametrize("sexes", [("F",), (None,)])
def test_an_attribute_of_one_value_has_no_counterfactual(sexes):
    measured = counterfactual_flip_rate(probed(people(60, sexes=sexes), by_income)[0])

    assert (measured.value, measured.judged, measured.reason.code) == (None, False, "fewer_than_two_groups")


def test_more_rows_than_a_block_are_asked_in_pieces():
    n = BLOCK_ROWS // 4 + 7
    given_, asked = probed(people(n, sexes=tuple("ABCDE")), by_sex)
    whole = counterfactual_flip_rate(given_, sample_size=n)
    sizes = [len(one["sex"]) for one in asked]

    assert (sum(sizes), max(sizes)) == (4 * n, BLOCK_ROWS)
    assert whole.value == 0.0
    assert all(one["n"] < n for one in whole.details["replacements"])


def test_pieces_give_what_one_question_gives(monkeypatch):
    columns = people(300, sexes=("F", "M", "X"))
    once = counterfactual_flip_rate(probed(columns, by_sex)[0])
    monkeypatch.setattr("reliability.checks.fairness.inputs.BLOCK_ROWS", 7)

    assert counterfactual_flip_rate(probed(columns, by_sex)[0]) == once
    assert 0 < once.value < 1


def test_sample_size_bounds_the_rows_asked():
    given_, asked = probed(people(500), by_sex)
    measured = counterfactual_flip_rate(given_, sample_size=40)

    assert (measured.n, measured.details["of_n"], len(asked[0]["sex"])) == (40, 500, 40)


def test_entities_count_at_their_worth():
    columns = people(400)
    columns["income"] = np.repeat(columns["income"][::10], 10).tolist()
    alone = counterfactual_flip_rate(probed(columns, by_sex)[0])
    shared = counterfactual_flip_rate(probed(columns, by_sex, entity=np.repeat(np.arange(40), 10).tolist())[0])

    assert (alone.value, shared.method) == (shared.value, "clopper_pearson_effective_n")
    assert shared.high - shared.low > 2 * (alone.high - alone.low)


def test_order_of_rows_and_coding_of_text_change_nothing():
    columns = people(200)
    rows = block([0] * 200, columns=columns, groups={"sex": columns["sex"]})
    first, second = (Sample.of(rows.where(np.arange(*ends)), seed=0, size=500) for ends in ((0, 90), (90, 200)))
    both = second + first
    probe = Probe(sample=both, answers=by_sex(both.columns), ask=by_sex, ask_anew=by_sex)
    other = counterfactual_flip_rate(GroupProbe(probe=probe, attributes=("sex",)))

    assert canonical_json(other.model_dump()) == canonical_json(
        counterfactual_flip_rate(probed(columns, by_sex)[0]).model_dump()
    )


def test_many_classes_flip_alike():
    def three(columns):
        return Answers(labels=np.array(["ABC".index(one) for one in columns["sex"].as_labels()], np.int64))

    given_, _ = probed(people(90, sexes=("A", "B", "C")), three, task="multiclass", classes=(0, 1, 2))

    assert counterfactual_flip_rate(given_).value == 1.0


@pytest.mark.parametrize(
    ("n", "roles", "code"), [(0, {}, "no_rows"), (5, {"task": "regression"}, "needs_classification")]
)
def test_counterfactuals_are_refused_when(n, roles, code):
    with pytest.raises(NotMeasurable) as caught:
        counterfactual_flip_rate(probed(people(n), by_income, **roles)[0])

    assert caught.value.code == code


@pytest.mark.parametrize("option", ["sample_size", "levels"])
def test_an_option_below_one_is_refused(option):
    with pytest.raises(ChecklistError):
        counterfactual_flip_rate(probed(people(5), by_income)[0], **{option: 0})


def test_groups_of_a_code_that_is_text_are_no_bands():
    columns = {"g": ["1", "2"] * 20}
    groups = {"g": Groups(codes=np.array([0, 1] * 20, np.int32), levels=("1", "2"))}
    given_, _ = probed(columns, lambda one: Answers(labels=np.zeros(len(one["g"]), np.int64)), ("g",), groups=groups)

    assert [one["to"] for one in counterfactual_flip_rate(given_).details["replacements"]] == ["1", "2"]


def barred(words, *names, **kept):
    rows = block([0, 1], columns={name: [1, 2] for name in names})
    return barred_inputs(Sample.of(rows, seed=0, size=10), words=tuple(words), **kept)


@pytest.mark.parametrize(
    ("word", "name", "found"),
    [
        ("height", "height", True),
        ("height", "Height_cm", True),
        ("height", "heightCm", True),
        ("height", "HEIGHT2", True),
        ("height", "body-height (cm)", True),
        ("heights", "height", False),
        ("height", "heights", True),
        ("height", "weighted", False),
        ("weight", "weighted_index", False),
        ("weight", "birthweight", False),
        ("birth place", "birthplace", True),
        ("birthplace", "birth_place", True),
        ("birthplace", "BirthPlace", True),
        ("birthplace", "place_of_birth", False),
        ("marital status", "applicant.maritalStatus", True),
        ("marital status", "marital", False),
        ("MBTI", "mbti_type", True),
        ("MBTI", "MBTIType", True),
        ("sex", "sexTest", True),
        ("sex", "essex_county", False),
        ("race", "trace_id", False),
        ("race", "ＲＡＣＥ", True),
        ("état civil", "etat_civil", False),
        ("état civil", "état_civil", True),
        ("혼인", "혼인여부", True),
        ("혼인 여부", "혼인_여부", True),
        ("혼인여부", "신청인 혼인 여부", True),
        ("출신지역", "지역", False),
        ("출신지역", unicodedata.normalize("NFD", "출신지역코드"), True),
        (unicodedata.normalize("NFD", "재산"), "부모재산2", True),
        ("키", "키", True),
        ("키", "키(cm)", True),
        ("키", "본인_키", True),
        ("키", "키워드", False),
        ("MBTI유형", "MBTI_유형", True),
        ("income", "income", True),
    ],
)
def test_a_name_is_barred_by_its_parts(word, name, found):
    measured = barred([word], name, "other_column")

    assert (measured.value, measured.details["names"]) == ((1, [name]) if found else (0, []))


def test_barred_features_are_counted_once_and_named():
    measured = barred(["키", "몸무게", "height", "body"], "키_cm", "body_height", "점수", law="채용절차법 제4조의3")

    assert (measured.value, measured.n, measured.unit, measured.method) == (2, 3, "columns", "exact")
    assert measured.details == {"names": ["body_height", "키_cm"], "law": "채용절차법 제4조의3"}
    assert (measured.low, measured.high, measured.reason.code, measured.judged) == (None, None, "whole_file", True)


def test_columns_that_are_no_features_are_not_counted():
    rows = block([0, 1], columns={"x": [1, 2], "sex": ["F", "M"]}, features=("x",))

    assert barred_inputs(Sample.of(rows, seed=0, size=10), words=("sex",)).value == 0


@pytest.mark.parametrize(("limit", "verdict"), [({"at_most": 0}, "fail"), ({"at_most": 1}, "pass")])
def test_count_is_judged_as_it_is(limit, verdict):
    measured = barred(["sex"], "sex", "income")

    assert judge(Criterion(check=BARRED, rule="guarded", **limit), [measured]).verdict == verdict


@pytest.mark.parametrize("words", [(), ("",), ("키", " "), ("12",), ("_",)])
def test_words_that_bar_nothing_are_refused(words):
    with pytest.raises(ChecklistError) as caught:
        barred(words, "x")

    assert caught.value.code == "words_empty"


@pytest.mark.parametrize(
    ("given_", "code"), [({}, "option_missing"), ({"words": []}, "option_wrong"), ({"words": "키"}, "option_wrong")]
)
def test_a_checklist_without_words_is_refused_when_it_is_read(given_, code):
    with pytest.raises(ChecklistError) as caught:
        checks()[BARRED].settings(given_, where="c.yaml:3")

    assert caught.value.code == code


def test_a_checklist_gives_words_as_a_list():
    assert checks()[BARRED].settings({"words": ["키"], "law": "법"}, where="c:1") == {"words": ("키",), "law": "법"}


def test_a_model_without_features_is_not_measured():
    with pytest.raises(NotMeasurable) as caught:
        barred(["sex"])

    assert caught.value.code == "no_features"


def flips_by_hand(sample, model, names, most):
    """Rows that any replacement flips, asked one row and one value at a time."""
    n, flipped = sample.n, set()
    answers = model(sample.columns).labels
    for name in names:
        values = sample.columns[name].as_labels()
        counts = {value: values.count(value) for value in values if value is not None}
        tried = sorted(counts, key=lambda value: (-counts[value], value))[:most]
        for row in range(n):
            for value in tried:
                if value == values[row]:
                    continue
                columns = {other: column.take(np.array([row])) for other, column in sample.columns.items()}
                levels = columns[name].levels
                code = levels.index(value) if levels else value
                columns[name] = Column(
                    kind=columns[name].kind,
                    values=np.array([code], columns[name].values.dtype),
                    missing=np.zeros(1, np.bool_),
                    levels=levels,
                )
                if model(columns).labels[0] != answers[row]:
                    flipped.add(row)
    return len(flipped) / n


def hashed(columns):
    """A model whose label hangs on every input in no simple way."""
    total = np.zeros(len(columns["income"]))
    for place, name in enumerate(("sex", "grade", "member")):
        labels = columns[name].as_labels()
        total += np.array([0.5 if one is None else len(str(one)) + ord(str(one)[0]) * (place + 1) for one in labels])
    return Answers(labels=(np.floor(total + 3 * columns["income"].as_floats()) % 3).astype(np.int64))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["F", "M", "X", None]),
            st.sampled_from([1, 2, 3, None]),
            st.booleans(),
            st.integers(-3, 3),
        ),
        min_size=1,
        max_size=25,
    ),
    st.integers(1, 4),
    st.sampled_from([("sex",), ("grade",), ("member",), ("sex", "grade"), ("sex", "grade", "member")]),
)
@settings(max_examples=60, deadline=None)
def test_share_is_that_of_asking_row_by_row(rows, most, names):
    columns = {
        "sex": Column(
            kind="utf8",
            values=np.array([0 if sex is None else "FMX".index(sex) for sex, *_ in rows], np.int32),
            missing=np.array([sex is None for sex, *_ in rows]),
            levels=("F", "M", "X"),
        ),
        "grade": Column(
            kind="i8",
            values=np.array([grade or 0 for _, grade, *_ in rows], np.int64),
            missing=np.array([grade is None for _, grade, *_ in rows]),
        ),
        "member": [member for _, _, member, _ in rows],
        "income": [float(income) for *_, income in rows],
    }
    groups = {
        "sex": [sex for sex, *_ in rows],
        "grade": [grade for _, grade, *_ in rows],
        "member": columns["member"],
    }
    given_, _ = probed(columns, hashed, names, groups=groups, task="multiclass", classes=(0, 1, 2))
    most = max(most, 3)
    measured = counterfactual_flip_rate(given_, levels=most)
    expected = flips_by_hand(given_.probe.sample, hashed, names, most)

    if measured.value is None:
        assert expected == 0
    else:
        assert measured.value == pytest.approx(expected)


@pytest.mark.parametrize(("n", "share"), [(100, 0.02), (400, 0.1), (400, 0.5)])
def test_interval_covers_the_share_of_all_rows(n, share):
    covered, runs = 0, 200
    cut = float(np.quantile(np.random.default_rng(0).normal(size=200_000), share))

    def partly(columns):
        low = columns["income"].as_floats() <= cut
        return Answers(labels=(~low | (columns["sex"].values == 1)).astype(np.int64))

    for seed in range(runs):
        draws = np.random.default_rng(seed + 1)
        columns = {
            "sex": Column(
                kind="utf8",
                values=draws.integers(0, 2, n).astype(np.int32),
                missing=np.zeros(n, np.bool_),
                levels=("F", "M"),
            ),
            "income": Column(kind="f8", values=draws.normal(size=n), missing=np.zeros(n, np.bool_)),
        }
        codes = {"sex": Groups(codes=columns["sex"].values, levels=("F", "M"))}
        measured = counterfactual_flip_rate(probed(columns, partly, groups=codes)[0])
        covered += measured.low <= share <= measured.high

    assert covered / runs >= 0.94


def test_draws_of_quantities_follow_the_seed():
    values = np.random.default_rng(1).normal(size=200).tolist()

    def positive(columns):
        return Answers(labels=(columns["x"].as_floats() > 1).astype(np.int64))

    given_, asked = probed({"x": values}, positive, ("x",))
    first, again, _ = (counterfactual_flip_rate(given_, seed=seed) for seed in (1, 1, 2))
    drawn = [one["x"].values.tolist() for one in asked]

    assert first == again
    assert drawn[0] == drawn[1] != drawn[2]


def test_replacements_are_told_in_plain_values():
    columns = {"g": [True, False] * 10}
    given_, _ = probed(columns, lambda one: Answers(labels=np.zeros(len(one["g"]), np.int64)), ("g",))
    details = counterfactual_flip_rate(given_).details

    assert canonical_json(details)
    assert {type(one["to"]) for one in details["replacements"]} == {bool}
    assert [set(one) for one in details["replacements"]] == [{"attribute", "to", "n", "changed"}] * 2


def test_a_stratum_or_segment_is_asked_about_like_an_attribute():
    columns = people(80) | {"branch": ["a", "b"] * 40}
    given_, _ = probed(columns, by_sex, ("branch",), sensitive=("sex",), segments=("branch",))

    assert counterfactual_flip_rate(given_).value == 0.0


@pytest.mark.parametrize("words", [("sex",), ("SEX",), ("s e x",), ("sex", "sex"), ("Sex", "gender", "성별")])
def test_spelling_and_repetition_of_words_change_nothing(words):
    assert barred(words, "sex", "income", "genderless_score").value == 1


@given(st.lists(st.sampled_from(["sex", "age", "키", "재산", "income", "x1"]), min_size=1, unique=True))
@settings(max_examples=30, deadline=None)
def test_order_of_columns_changes_nothing(names):
    forward, backward = barred(["sex", "재산"], *names), barred(["sex", "재산"], *reversed(names))

    assert forward == backward
    assert forward.value == len({"sex", "재산"} & set(names))


@given(st.text(max_size=12), st.text(min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_any_name_and_any_word_are_compared_without_a_fault(name, word):
    try:
        measured = barred([word], name or "x")
    except ChecklistError:
        return
    assert measured.value in (0, 1)
    assert measured.value == barred([word.upper()], name or "x").value or not word.isascii()


@pytest.mark.parametrize("word", ["height", "키", "birth place", "혼인여부"])
def test_a_word_bars_its_own_name(word):
    assert barred([word], word).value == 1


def silent(name):
    """A model that answers 0 to everything."""
    return lambda columns: Answers(labels=np.zeros(len(columns[name]), np.int64))


def numbered(values, missing, kind="i8"):
    dtype = np.int64 if kind == "i8" else np.float64
    return Column(kind=kind, values=np.array(values, dtype), missing=np.array(missing, np.bool_))


def test_the_whole_record_of_flips():
    columns = {"sex": ["F"] * 6 + ["M"] * 4, "income": [-1.0, 1.0] * 5}
    measured = counterfactual_flip_rate(probed(columns, by_sex)[0], confidence=0.9)
    exact = binomtest(5, 10).proportion_ci(0.9, "exact")

    assert measured.model_dump(exclude_defaults=True) == {
        "value": 0.5,
        "low": pytest.approx(exact.low),
        "high": pytest.approx(exact.high),
        "n": 10,
        "unit": "share",
        "method": "clopper_pearson",
        "details": {
            "of_n": 10,
            "changed": 5,
            "replacements": [
                {"attribute": "sex", "to": "F", "n": 4, "changed": 2},
                {"attribute": "sex", "to": "M", "n": 6, "changed": 3},
            ],
        },
    }


def test_the_whole_record_of_an_attribute_that_the_model_is_not_given():
    measured = counterfactual_flip_rate(probed(people(120), by_income, features=("income",))[0], sample_size=50)

    assert measured.model_dump(exclude_defaults=True) == {
        "value": 0.0,
        "n": 50,
        "unit": "share",
        "reason": {"code": "not_an_input"},
        "details": {"of_n": 120},
    }


def test_the_whole_record_of_an_attribute_of_one_value():
    measured = counterfactual_flip_rate(probed(people(60, sexes=("F",)), by_sex)[0])

    assert measured.model_dump(exclude_defaults=True) == {
        "value": None,
        "n": 60,
        "unit": "share",
        "judged": False,
        "reason": {"code": "fewer_than_two_groups", "with": {"by": ["sex"]}},
        "details": {"of_n": 60},
    }


def test_of_a_pair_of_attributes_only_what_the_model_is_given_is_replaced():
    columns = people(80) | {"branch": ["a", "b"] * 40}
    given_, _ = probed(columns, by_sex, ("branch", "sex"), features=("sex", "income"))
    replaced = counterfactual_flip_rate(given_).details["replacements"]

    assert {one["attribute"] for one in replaced} == {"sex"}


def test_a_pair_of_one_value_each_is_told_by_both_names():
    given_, _ = probed({"a": ["x"] * 9, "b": [True] * 9}, silent("a"), ("a", "b"))

    assert counterfactual_flip_rate(given_).reason.with_ == {"by": ["a", "b"]}


def test_flips_are_asked_of_5000_rows_of_ten_values_where_nothing_else_is_said():
    n = 5_001
    given_, asked = probed({"g": [f"v{place % 11:02}" for place in range(n)]}, silent("g"), ("g",))
    measured = counterfactual_flip_rate(given_)

    assert (measured.n, measured.details["of_n"]) == (5_000, n)
    assert len(measured.details["replacements"]) == 10
    assert measured == counterfactual_flip_rate(given_, sample_size=5_000, levels=10, confidence=0.95, seed=0)
    assert sum(len(one["g"]) for one in asked[: len(asked) // 2]) == sum(
        one["n"] for one in measured.details["replacements"]
    )


@pytest.mark.parametrize("option", ["sample_size", "levels"])
def test_an_option_of_one_is_taken_and_a_smaller_one_refused_by_its_name(option):
    given_, _ = probed(people(60), by_sex)

    assert counterfactual_flip_rate(given_, **{option: 1}).n == (1 if option == "sample_size" else 60)
    with pytest.raises(ChecklistError, match=f"option '{option}' must be at least 1, not 0"):
        counterfactual_flip_rate(given_, **{option: 0})


@pytest.mark.parametrize("kind", ["i8", "f8"])
@pytest.mark.parametrize(("most", "to"), [(3, [3, 1, 2]), (2, [None])])
def test_numbers_of_no_more_values_than_are_tried_are_each_set(kind, most, to):
    column = numbered([1] * 3 + [2] * 3 + [3] * 4, [False] * 10, kind)
    given_, _ = probed({"x": column}, silent("x"), ("x",), groups={"x": [1] * 10})
    replaced = counterfactual_flip_rate(given_, levels=most).details["replacements"]

    assert [one["to"] for one in replaced] == to
    assert [one["n"] for one in replaced] == ([6, 7, 7] if most == 3 else [10])


def test_text_of_more_values_than_are_tried_is_never_drawn():
    given_, _ = probed({"g": ["a", "b", "c", "c"] * 5}, silent("g"), ("g",))

    assert [one["to"] for one in counterfactual_flip_rate(given_, levels=2).details["replacements"]] == ["c", "a"]


def test_commonest_values_that_are_as_common_stand_in_natural_order():
    given_, _ = probed({"g": [10, 9, 2, 1] * 5}, silent("g"), ("g",))

    assert [one["to"] for one in counterfactual_flip_rate(given_).details["replacements"]] == [1, 2, 9, 10]


def test_a_value_is_set_in_rows_where_it_is_only_written_under_a_missing_mark():
    # The first row holds 1 and is marked as missing: it has no value, and is set to 1 like the others.
    column = numbered([1, 1, 2, 2], [True, False, False, False])
    given_, asked = probed({"x": column}, silent("x"), ("x",), groups={"x": [None, 1, 2, 2]})
    measured = counterfactual_flip_rate(given_)

    assert measured.details["replacements"] == [
        {"attribute": "x", "to": 2, "n": 2, "changed": 0},
        {"attribute": "x", "to": 1, "n": 3, "changed": 0},
    ]
    assert asked[0]["x"].as_labels() == [2, 2, 1, 1, 1]


@pytest.mark.parametrize(
    ("most", "to"),
    [(1, ["30-65"]), (2, ["30-65", "0-30"]), (3, ["30-65", "0-30", "65-"]), (9, ["30-65", "0-30", "65-"])],
)
def test_the_commonest_bands_are_tried_and_of_equal_ones_the_first(most, to):
    column, groups = banded([20] * 5 + [40] * 7 + [70] * 5)
    given_, _ = probed({"age": column}, silent("age"), ("age",), groups={"age": groups})
    replaced = counterfactual_flip_rate(given_, levels=most).details["replacements"]

    assert [one["to"] for one in replaced] == to
    assert [one["n"] for one in replaced] == [{"0-30": 12, "30-65": 10, "65-": 12}[band] for band in to]


def test_rows_of_an_unknown_band_are_set_too():
    column = numbered([20] * 5 + [40] * 5 + [0] * 3, [False] * 10 + [True] * 3)
    groups = Attribute(name="age", edges=(0, 30, 65)).groups(column)
    given_, asked = probed({"age": column}, silent("age"), ("age",), groups={"age": groups})
    replaced = counterfactual_flip_rate(given_).details["replacements"]

    assert [(one["to"], one["n"]) for one in replaced] == [("0-30", 8), ("30-65", 8)]
    assert asked[0]["age"].as_labels() == [20] * 8 + [40] * 8


def test_a_single_band_has_no_counterfactual():
    column, groups = banded([20, 21, 22] * 5)
    given_, _ = probed({"age": column}, silent("age"), ("age",), groups={"age": groups})

    assert counterfactual_flip_rate(given_).reason.code == "fewer_than_two_groups"


def test_values_of_a_band_are_drawn_as_often_as_they_occur_there():
    column, groups = banded([20] * 1_000 + [40] * 30 + [50] * 90)
    given_, asked = probed({"age": column}, silent("age"), ("age",), groups={"age": groups})
    counterfactual_flip_rate(given_, seed=1)
    drawn = asked[0]["age"].values[120:]

    assert len(drawn) == 1_000
    assert set(drawn.tolist()) == {40, 50}
    assert (drawn == 50).mean() == pytest.approx(0.75, abs=0.05)


@pytest.mark.parametrize("times", [1, 100])
def test_a_missing_quantity_takes_any_value_as_often_as_it_occurs(times):
    # What is missing is held as 0, which occurs: it may be drawn like the others, the lowest and the highest too.
    values = [-4] * times + [0] * 2 * times + [9] * times + [None] * 2_000
    given_, asked = probed({"x": values}, silent("x"), ("x",))
    measured = counterfactual_flip_rate(given_, levels=2, seed=2)
    drawn = np.array(asked[0]["x"].as_labels())[4 * times :]

    assert not asked[0]["x"].missing.any()
    assert [(drawn == one).mean() for one in (-4, 0, 9)] == pytest.approx([0.25, 0.5, 0.25], abs=0.04)
    assert measured.details["replacements"] == [{"attribute": "x", "to": None, "n": len(values), "changed": 0}]


@pytest.mark.parametrize("value", [1, 5, 9])
def test_every_other_value_can_be_drawn_and_the_own_one_never(value):
    given_, asked = probed({"x": [1, 5, 9] * 60}, silent("x"), ("x",))
    counterfactual_flip_rate(given_, levels=1, seed=4)
    drawn = np.array(asked[0]["x"].as_labels())[np.array([1, 5, 9] * 60) == value]

    assert set(drawn.tolist()) == {1, 5, 9} - {value}
    assert (drawn == min({1, 5, 9} - {value})).mean() == pytest.approx(0.5, abs=0.2)


def test_two_quantities_draw_one_after_the_other():
    draws = np.random.default_rng(6)
    columns = {"x": draws.normal(size=50).tolist(), "z": draws.normal(size=50).tolist()}
    given_, asked = probed(columns, silent("x"), ("x", "z"))
    counterfactual_flip_rate(given_)
    seen = asked[0]

    assert seen["x"].values[50:].tolist() == columns["x"]
    assert seen["z"].values[:50].tolist() == columns["z"]
    assert (seen["x"].values[:50] != columns["x"]).all()
    assert (seen["z"].values[50:] != columns["z"]).all()


@pytest.mark.parametrize("rows", [1, 3, 10, 11, 1_000])
def test_answers_are_the_same_however_many_rows_are_asked_at_once(monkeypatch, rows):
    columns = people(30, sexes=("F", "M", "X")) | {"age": list(range(30))}
    once = counterfactual_flip_rate(probed(columns, by_sex, ("sex", "age"))[0], levels=4)
    monkeypatch.setattr("reliability.checks.fairness.inputs.BLOCK_ROWS", rows)
    given_, asked = probed(columns, by_sex, ("sex", "age"))
    pieces = counterfactual_flip_rate(given_, levels=4)
    sizes = [len(one["sex"]) for one in asked]

    assert pieces == once
    assert sizes == [rows] * (90 // rows) + [90 % rows] * bool(90 % rows)


@pytest.mark.parametrize(
    ("n", "roles", "code"), [(0, {}, "no_rows"), (5, {"task": "regression"}, "needs_classification")]
)
def test_why_flips_are_not_measured_is_told_by_its_code(n, roles, code):
    with pytest.raises(NotMeasurable) as caught:
        counterfactual_flip_rate(probed(people(n), by_income, **roles)[0])

    assert str(caught.value) == caught.value.code == code


def test_the_whole_record_of_barred_features():
    assert barred(["sex", "height"], "x_sex", "height_cm", "income").model_dump(exclude_defaults=True) == {
        "value": 2,
        "n": 3,
        "unit": "columns",
        "method": "exact",
        "reason": {"code": "whole_file"},
        "details": {"names": ["height_cm", "x_sex"]},
    }


@pytest.mark.parametrize("words", [(), ("12",), ("sex", " ")])
def test_words_that_bar_nothing_are_refused_in_words(words):
    with pytest.raises(ChecklistError) as caught:
        barred(words, "x")

    assert str(caught.value) == (
        "option 'words' of fairness.barred_inputs has no word, or one without a letter; list the words to look for"
    )


@pytest.mark.parametrize(
    ("word", "name", "found"),
    [
        ("marital status", "the_marital_status_code", True),
        ("marital status", "status_marital", False),
        ("a b c", "x_a_b_c_y", True),
        ("abc", "ab_c", True),
        ("abc", "ab_cd", False),
        ("status", "statuss", True),
        ("status", "statusss", False),
        ("sex", "mySEX", True),
        ("sex", "SEXCode", True),
        ("sex", "SEXcode", False),
        ("sex", "Sex1Code", True),
        ("x", "fooX", True),
        ("é", "É", True),
        ("straße", "STRASSE", True),
        ("키", "나의키", False),
        ("키", "나의-키-값", True),
        ("부모", "학부모회", True),
        ("부모재산", "부모의재산", False),
        ("부모 sex", "부모_sex", True),
        ("ㄱ", "ㄱ_값", True),
    ],
)
def test_parts_of_names_in_further_spellings(word, name, found):
    assert barred([word], name).value == int(found)


def test_draws_are_those_of_seed_nought_where_nothing_else_is_said():
    given_, asked = probed({"x": list(range(60))}, silent("x"), ("x",))
    for options in ({}, {"seed": 0}, {"seed": 1}):
        counterfactual_flip_rate(given_, **options)
    drawn = [one["x"].values.tolist() for one in asked]

    assert drawn[0] == drawn[1] != drawn[2]
