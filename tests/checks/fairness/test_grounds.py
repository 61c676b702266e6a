import pytest

from reliability.checklist.catalogue import checks
from reliability.checklist.judge import judge
from reliability.checks.fairness.grounds import undeclared_grounds
from reliability.checks.fairness.inputs import barred_inputs
from reliability.errors import ChecklistError, NotMeasurable
from reliability.evidence.sample import Sample
from reliability.records import Criterion, canonical_json
from tests.builders import block

CHECK = "fairness.undeclared_grounds"


def sampled(*columns, sensitive=(), features=("income",), target="approved"):
    """Two rows of a file with these columns, of which the model is given `features`."""
    rows = block(
        [0, 1],
        columns={name: [1, 2] for name in features},
        groups={name: ["a", "b"] for name in sensitive},
        all_columns=(*columns, target),
        target=target,
    )
    return Sample.of(rows, seed=0, size=10)


def undeclared(words, *columns, sensitive=(), **kept):
    return undeclared_grounds(sampled(*columns, sensitive=sensitive), words=tuple(words), **kept)


def test_a_ground_that_is_not_declared_is_counted_and_named():
    measured = undeclared(["sex", "age"], "income", "sex", "age", "memo", sensitive=("age",))

    assert (measured.value, measured.n, measured.unit, measured.method) == (1, 4, "columns", "exact")
    assert measured.details == {"names": ["sex"], "declared": ["age"]}


def test_the_whole_record():
    measured = undeclared(["성별", "나이"], "income", "성별", "나이", law="국가인권위원회법 제2조제3호")

    assert measured.model_dump(exclude_defaults=True) == {
        "value": 2,
        "n": 3,
        "unit": "columns",
        "method": "exact",
        "reason": {"code": "whole_file"},
        "details": {"names": ["나이", "성별"], "declared": [], "law": "국가인권위원회법 제2조제3호"},
    }
    assert (measured.low, measured.high, measured.judged) == (None, None, True)
    canonical_json(measured.model_dump(mode="json"))


@pytest.mark.parametrize(
    ("sensitive", "names"),
    [
        ((), ["age", "sex"]),
        (("sex",), ["age"]),
        (("age", "sex"), []),
        (("income",), ["age", "sex"]),
    ],
)
def test_what_is_declared_is_not_counted(sensitive, names):
    assert undeclared(["sex", "age"], "income", "sex", "age", sensitive=sensitive).details["names"] == names


def test_another_column_of_a_declared_ground_is_counted():
    measured = undeclared(["age", "birth year"], "age", "birth_year", "age_group", sensitive=("age",))

    assert measured.details["names"] == ["age_group", "birth_year"]


def test_columns_that_the_model_is_not_given_are_counted():
    rows = sampled("income", "sex", features=("income",))

    assert undeclared_grounds(rows, words=("sex",)).value == 1
    assert barred_inputs(rows, words=("sex",)).value == 0


def test_a_declared_ground_that_is_an_input_is_declared_all_the_same():
    rows = sampled("income", "sex", sensitive=("sex",), features=("income", "sex"))

    assert undeclared_grounds(rows, words=("sex",)).value == 0
    assert barred_inputs(rows, words=("sex",)).value == 1


def test_the_target_is_no_ground():
    rows = sampled("income", target="disability_benefit")
    measured = undeclared_grounds(rows, words=("disability",))

    assert (measured.value, measured.n) == (0, 1)


@pytest.mark.parametrize(("apart_from", "value"), [((), 2), (("account age",), 1), (("age",), 0)])
def test_names_that_mean_something_else_are_left_out(apart_from, value):
    assert undeclared(["age"], "age", "account_age", apart_from=apart_from).value == value


@pytest.mark.parametrize(
    ("words", "columns", "value"),
    [
        (["sex"], ("income", "memo"), 0),
        (["성별"], ("특성별점수",), 1),
        (["sex", "gender"], ("sex_gender",), 1),
        (["sex"], ("sex", "Sex", "SEX_CODE"), 3),
    ],
)
def test_columns_are_counted_once_each(words, columns, value):
    assert undeclared(words, *columns).value == value


def test_order_of_columns_and_words_changes_nothing():
    forward = undeclared(["sex", "age"], "sex", "age", "income")

    assert forward == undeclared(["age", "sex"], "income", "age", "sex")


def test_rows_change_nothing():
    few = sampled("income", "sex")
    none = few.take(few.positions[:0])

    assert undeclared_grounds(none, words=("sex",)).value == 1


def test_a_file_of_a_target_alone_is_not_measured():
    with pytest.raises(NotMeasurable) as caught:
        undeclared_grounds(sampled(), words=("sex",))

    assert caught.value.code == "no_features"


@pytest.mark.parametrize("words", [(), ("",), ("sex", "7")])
def test_words_that_say_nothing_are_refused(words):
    with pytest.raises(ChecklistError, match=r"option 'words' of fairness\.undeclared_grounds has no word"):
        undeclared(words, "sex")


@pytest.mark.parametrize(("sensitive", "verdict"), [((), "fail"), (("sex",), "pass")])
@pytest.mark.parametrize("rule", ["exact", "guarded", "four_way"])
def test_one_undeclared_ground_fails_a_limit_of_none(sensitive, verdict, rule):
    measured = undeclared(["sex"], "income", "sex", sensitive=sensitive)

    assert judge(Criterion(check=CHECK, rule=rule, at_most=0), [measured]).verdict == verdict


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "option_missing"),
        ({"words": []}, "option_wrong"),
        ({"words": ["sex"], "apart_from": "age"}, "option_wrong"),
        ({"words": ["sex"], "spare": ["age"]}, "option_unknown"),
    ],
)
def test_settings_that_do_not_fit_are_refused_when_the_checklist_is_read(given, code):
    with pytest.raises(ChecklistError) as caught:
        checks()[CHECK].settings(given, where="c.yaml:3")

    assert caught.value.code == code


@pytest.mark.parametrize("name", [CHECK, "fairness.barred_inputs"])
def test_a_checklist_gives_words_as_lists(name):
    given = {"words": ["sex"], "apart_from": ["sex ratio"], "law": "법"}

    assert checks()[name].settings(given, where="c:1") == {
        "words": ("sex",),
        "apart_from": ("sex ratio",),
        "law": "법",
    }


def test_barred_inputs_leaves_out_what_means_something_else_too():
    rows = sampled("특성별점수", features=("특성별점수", "성별"))

    assert barred_inputs(rows, words=("성별",), apart_from=("특성별",)).details["names"] == ["성별"]
    assert barred_inputs(rows, words=("성별",)).value == 2
