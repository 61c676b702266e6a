"""Guesses of what each column is, and the manifest that is written from them."""
# ruff: noqa: E501  (a row of a table reads better whole)

import numpy as np
import pandas as pd
import pytest

from reliability.errors import SubmissionError, UsageError
from reliability.submission.init import MODEL_FORMATS, model_of, reason, text_of, write_manifest
from reliability.submission.read import read_submission
from reliability.words.text import words
from tests.submission.test_column_names import GROUND_NAMES

ROWS = 60
PLACES = np.arange(ROWS)


def table(**columns):
    """An outcome and its prediction, and whatever else the case needs, of 60 rows."""
    found = {"소득": 100.5 + PLACES * 37 % 1000, **columns, "승인": PLACES % 2, "예측": PLACES % 3 % 2}
    return pd.DataFrame(found)


@pytest.fixture
def accepted(tmp_path, guessed):
    """Guess, write the manifest in a language, and read it back as a submission."""

    def accept(frame, lang="ko", **kept):
        guesses = guessed(frame, **kept)
        write_manifest(tmp_path, text_of(guesses, words(lang).text))
        return guesses, read_submission(tmp_path)

    return accept


@pytest.mark.parametrize(
    ("ground", "name"), [(ground, name) for ground, names in GROUND_NAMES.items() for name in names.split()[:1]]
)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_column_of_every_ground_is_measured_and_kept_from_the_model(accepted, ground, name, lang):
    _, submission = accepted(table(**{name: np.where(PLACES % 3 == 0, "가", "나")}), lang)

    assert submission.roles.sensitive == (name,)
    assert submission.roles.features == ("소득",)


@pytest.mark.parametrize(
    ("values", "bands"),
    [
        (20 + PLACES, (0, 30, 50, 65)),
        (PLACES / 2 + 18.5, (0, 30)),
        (1940 + PLACES, (1900, 1960, 1980)),
        (PLACES % 5, None),
    ],
)
def test_ages_and_birth_years_get_their_bands(accepted, values, bands):
    guesses, submission = accepted(table(나이=values))

    assert guesses.bands.get("나이") == bands
    assert submission.roles.sensitive == ("나이",)


@pytest.mark.parametrize("values", [PLACES - 5, PLACES * 1_000, [f"t{place}" for place in PLACES]])
def test_an_age_that_no_bands_fit_is_left_out_and_asked_about(accepted, values):
    guesses, submission = accepted(table(나이=values))
    (guess,) = [each for each in guesses.guesses if each.column == "나이"]

    assert (guess.part, guess.reason, guess.certain) == ("exclude", "too_many_values", False)
    assert submission.roles.features == ("소득",)


@pytest.mark.parametrize(
    ("name", "values", "part", "reason"),
    [
        ("신청번호", [f"A{place}" for place in PLACES], "id", "id_unique"),
        ("no", PLACES, "id", "id_unique"),
        ("x", PLACES + 1, "id", "id_unique"),
        ("code_text", [f"k{place * 7}" for place in PLACES], "id", "id_unique"),
        ("신청일", [f"2026-01-{1 + place % 28:02d}" for place in PLACES], "time", "time_values"),
        ("when", [f"2026.1.{1 + place % 28} 09:00" for place in PLACES], "time", "time_values"),
        ("고객번호", PLACES // 2, "entity", "entity_name"),
        ("household_id", PLACES // 3, "entity", "entity_name"),
        ("연락", [f"010-1234-{1000 + place}" for place in PLACES], "exclude", "personal_values"),
        ("성명", ["김", "이", "박"] * 20, "exclude", "personal_name"),
        ("email", [f"a{place}@b.kr" for place in PLACES], "exclude", "personal_values"),
        ("확률", PLACES / 60, "score", "score_name"),
    ],
)
def test_a_column_is_guessed_by_its_name_or_values(accepted, name, values, part, reason):
    guesses, submission = accepted(table(**{name: values}))
    (guess,) = [each for each in guesses.guesses if each.column == name]

    assert (guess.part, guess.reason) == (part, reason)
    assert name not in submission.roles.features


@pytest.mark.parametrize(
    "name",
    [
        "null", "true", "~", "- a", "a: b", "a #b", "#a", "'a", '"a', "[a]", "{a}", "a,b", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", "?", "? a",
        "1", "1.5", "0x1", "yes", "no", "on", " a ", "성 별", "a\tb", "a\nb", "a\x7fb", "a\u2028b", "a\x85b", "\u202eabc", "x\U000e0001y", "🏳️‍🌈", "é", "한글-이름.1",
        "\\", "a\\nb", "e\u0301",
    ],
)  # fmt: skip
def test_any_name_of_a_column_survives_the_written_file(accepted, name):
    _, submission = accepted(table(**{name: np.where(PLACES % 3 == 0, "가", "나")}), sensitive=[name])

    assert submission.roles.sensitive == (name,)


@pytest.mark.parametrize(
    ("no", "yes"),
    [("거절", "승인"), ("no: #", "yes"), ("0", "1"), ("null!", "~x"), ("- a", "? b"), ('"', "'"), ("x\U000e0001", "y"), ("01", "02"), ("False", "True"), ("-1.5", "2.5")],
)  # fmt: skip
def test_any_outcome_survives_the_written_file(accepted, no, yes):
    values = np.where(PLACES % 2 == 0, no, yes)
    guesses, submission = accepted(table().assign(승인=values, 예측=values), target="승인")

    assert str(submission.roles.classes[submission.roles.favourable[0]]) == str(guesses.favourable)


def test_a_column_with_a_few_texts_among_numbers_is_left_out(accepted):
    mixed = [*map(str, range(ROWS - 1)), "모름"]
    guesses, submission = accepted(table(근속=mixed))

    assert [(each.part, each.reason, each.certain) for each in guesses.guesses if each.column == "근속"] == [
        ("exclude", "unusable", False)
    ]
    assert submission.roles.features == ("소득",)


@pytest.mark.parametrize("kept", [{"target": "근속"}, {"sensitive": ["근속"]}])
def test_a_column_that_cannot_be_used_is_refused_when_asked_for(guessed, kept):
    with pytest.raises(SubmissionError, match="row 60: column '근속' holds '모름' where 59 of 60 values are numbers"):
        guessed(table(근속=[*map(str, range(ROWS - 1)), "모름"]), **kept)


@pytest.mark.parametrize("column", ["target", "sensitive"])
def test_a_column_that_is_not_there_is_refused(guessed, column):
    with pytest.raises(UsageError, match=r"data\.csv: no column '소드'; did you mean 소득\?"):
        guessed(table(), **{column: "소드" if column == "target" else ["소드"]})


@pytest.mark.parametrize("column", ["target", "sensitive"])
def test_a_column_like_no_other_is_refused_with_the_first_ten(guessed, column):
    frame = table(**{f"x{place}": PLACES for place in range(9)})

    with pytest.raises(UsageError, match=r"'zzz'; the columns are: 소득, x0, .*, x8, …$") as caught:
        guessed(frame, **{column: "zzz" if column == "target" else ["zzz"]})
    assert caught.value.code == "init_column_unlike"


def part_of(guesses, column):
    """What a column was guessed to be, why, and whether that is certain."""
    (found,) = [each for each in guesses.guesses if each.column == column and each.part != "favourable"]
    return found.part, found.reason, found.certain


@pytest.fixture
def credit():
    """Predictions of a grade of 1 or 2, beside a share of the income that a name could mistake."""
    grade = PLACES % 2 + 1
    return pd.DataFrame(
        {
            "investment_as_income_percentage": PLACES % 4 + 1,
            "telephone": (PLACES // 2) % 2 + 1,
            "신용등급": grade,
            "예측": np.where(PLACES < 50, grade, 3 - grade),
        }
    )


@pytest.mark.parametrize("order", [1, -1])
def test_the_target_is_what_the_predictions_agree_with(accepted, credit, order):
    guesses, submission = accepted(credit[list(credit)[::order]])

    assert part_of(guesses, "신용등급") == ("target", "target_prediction", True)
    assert next(each for each in guesses.guesses if each.part == "target").values == {"prediction": "예측", "share": 83}
    assert set(submission.roles.features) == {"investment_as_income_percentage", "telephone"}


def test_a_target_that_no_name_tells_is_not_certain_beside_another(guessed, credit):
    guesses = guessed(credit.rename(columns={"신용등급": "z"}))

    assert part_of(guesses, "z") == ("target", "target_prediction", False)


def test_a_target_may_take_a_value_that_was_never_predicted(guessed):
    grade = PLACES % 3
    guesses = guessed(pd.DataFrame({"x": PLACES % 5 + 7, "등급": grade, "예측": np.minimum(grade, 1)}))

    assert part_of(guesses, "등급") == ("target", "target_prediction", False)


def test_equal_values_come_before_more_agreement(guessed):
    frame = pd.DataFrame({"a": PLACES % 2, "b": 1 - PLACES % 2, "예측": PLACES % 2})
    frame.loc[0, "a"] = 2

    assert guessed(frame).column_of("target") == "b"


def test_who_a_person_is_is_no_target_even_where_predictions_agree_most(guessed):
    guesses = guessed(table(외국인여부=PLACES % 3 % 2))

    assert (guesses.column_of("target"), guesses.columns_of("sensitive")) == ("승인", ("외국인여부",))


def test_predictions_in_other_words_leave_the_target_to_its_name(guessed):
    guesses = guessed(table().assign(예측=np.where(PLACES % 2, "가", "나")))

    assert part_of(guesses, "승인") == ("target", "target_name", True)
    assert part_of(guesses, "예측") == ("exclude", "answer_left_out", False)


@pytest.mark.parametrize(
    ("columns", "target", "reason", "certain"),
    [
        (["승인", "x"], "승인", "target_name", True),
        (["승인", "합격"], "합격", "target_name", False),
        (["w", "x"], "x", "target_last", False),
        (["승인", "외국인여부"], "승인", "target_name", True),
        (["income_share", "x", "장애등급"], "x", "target_last", False),
    ],
)
def test_without_predictions_names_tell_and_then_the_last_column(guessed, columns, target, reason, certain):
    guesses = guessed(pd.DataFrame(dict.fromkeys(columns, PLACES % 2)))

    assert part_of(guesses, target) == ("target", reason, certain)


@pytest.mark.parametrize("blank", [1, 7])
def test_predictions_with_blanks_are_left_out_and_counted(guessed, blank):
    guesses = guessed(table().assign(예측=np.where(blank > PLACES, np.nan, PLACES % 2)))
    (found,) = [each for each in guesses.guesses if each.column == "예측"]

    assert (found.part, found.reason, found.values) == ("exclude", "prediction_blank", {"n": blank})
    assert (guesses.has_answers, guesses.features) == (False, ("소득",))
    assert reason(found, words("ko").text).startswith(f"예측 열에 빈 값 {blank}개가 있습니다")


@pytest.mark.parametrize("values", [PLACES, PLACES * 1.5, np.where(PLACES < 5, np.nan, 0.5)])
@pytest.mark.parametrize("name", ["점수", "신용점수", "y_score"])
def test_a_score_is_no_feature_beside_a_prediction(accepted, name, values):
    guesses, submission = accepted(table(**{name: values}))

    assert part_of(guesses, name) == ("exclude", "answer_left_out", False)
    assert submission.roles.features == ("소득",)


@pytest.mark.parametrize("values", [PLACES % 2, np.where(PLACES < 5, np.nan, 1)])
def test_predictions_are_no_features_of_a_model(guessed, values):
    guesses = guessed(table(확률=PLACES / 60, 예측값=values), model=("skops", "m.skops"))

    assert guesses.features == ("소득",)
    assert {each.reason for each in guesses.guesses if each.part == "exclude"} == {"answer_left_out"}


def test_a_score_that_is_asked_for_is_measured(accepted):
    _, submission = accepted(table(점수=PLACES % 3), sensitive=["점수"])

    assert submission.roles.sensitive == ("점수",)


def test_a_score_may_be_a_feature_where_nothing_is_predicted(guessed):
    assert guessed(table(신용점수=PLACES * 10).drop(columns=["예측"])).features == ("소득", "신용점수")


@pytest.mark.parametrize(
    ("values", "bands"),
    [
        (15 + PLACES % 8, (14, 16, 18, 20)),  # 8 or 7 rows a year
        (18 + PLACES % 12, (15, 20, 25)),
        (20 + PLACES % 5, None),  # 12 rows a year
        (1 + PLACES % 7, None),  # codes, not years
    ],
)
def test_years_that_few_share_are_put_into_bands_of_their_own(accepted, values, bands):
    guesses, submission = accepted(table(나이=values))

    assert guesses.bands.get("나이") == bands
    assert submission.roles.sensitive == ("나이",)


def test_guesses_do_not_depend_on_the_order_of_rows(guessed):
    frame = table(성별=np.where(PLACES % 3 == 0, "여", "남"), 나이=20 + PLACES)

    assert guessed(frame).guesses == guessed(frame.iloc[::-1]).guesses


def test_only_one_score_and_one_prediction_are_taken(accepted):
    guesses, _ = accepted(table(y_pred=PLACES % 2, 확률=PLACES / 60, proba=PLACES / 61))

    assert (len(guesses.columns_of("prediction")), len(guesses.columns_of("score"))) == (1, 1)


@pytest.mark.parametrize("part", ["prediction", "score", "id", "time", "entity", "sensitive", "exclude"])
def test_a_part_that_nothing_plays_is_empty(guessed, part):
    guesses = guessed(table().drop(columns=["예측"]))

    assert (guesses.columns_of(part), guesses.column_of(part), guesses.has_answers) == ((), None, False)


@pytest.mark.parametrize(("suffix", "format_"), MODEL_FORMATS.items())
def test_model_is_known_by_its_suffix_and_named_from_the_folder(tmp_path, suffix, format_):
    (tmp_path / "모델").mkdir()
    path = tmp_path / "모델" / f"m{suffix}"
    path.write_bytes(b"x")

    assert model_of(path, tmp_path) == (format_, f"모델/m{suffix}")
