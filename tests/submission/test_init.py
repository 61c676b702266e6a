import numpy as np
import pandas as pd
import pytest

from reliability.errors import SubmissionError, UsageError
from reliability.submission import column_names
from reliability.submission.guesses import guess
from reliability.submission.init import model_of, reason, refuse_existing, text_of, write_manifest
from reliability.submission.read import read_submission
from reliability.words.text import words


def say(key, /, **values):
    """Words that any language could have, line breaks included: what a comment must survive."""
    return f"{key}\n{values}" if values else f"{key}\n- x: 1"


def loans(n=200):
    rows = np.arange(n)
    return pd.DataFrame(
        {
            "신청번호": [f"A{row:05d}" for row in rows],
            "성별": np.where(rows % 3 == 0, "여", "남"),
            "나이": 20 + rows % 60,
            "휴대폰": [f"010-{1000 + row}-{2000 + row}" for row in rows],
            "국적": np.where(rows % 10 == 0, "외국", "한국"),
            "신청일": [f"2026-01-{1 + row % 28:02d}" for row in rows],
            "소득": 100.5 + (rows * 37) % 1000,
            "고객번호": rows // 2,
            "승인여부": np.where(rows % 4 == 0, "거절", "승인"),
            "예측": np.where(rows % 5 == 0, "거절", "승인"),
            "예측확률": (rows % 11) / 10,
        }
    )


def written(tmp_path, table, **kept):
    path = tmp_path / "data.csv"
    table.to_csv(path, index=False)
    guesses = guess(path, **kept)
    write_manifest(tmp_path, text_of(guesses, say))
    return guesses


def test_parts_are_guessed_from_korean_names(tmp_path):
    guesses = written(tmp_path, loans())

    assert (guesses.column_of("target"), guesses.favourable, guesses.task) == ("승인여부", "승인", "binary")
    assert guesses.columns_of("sensitive") == ("성별", "나이", "국적")
    assert guesses.bands == {"나이": (0, 30, 50, 65)}
    assert [guesses.column_of(part) for part in ("id", "time", "entity", "prediction", "score")] == [
        "신청번호", "신청일", "고객번호", "예측", "예측확률",
    ]  # fmt: skip
    assert guesses.columns_of("exclude") == ("휴대폰",)


def test_file_written_from_guesses_is_accepted_as_it_is(tmp_path):
    written(tmp_path, loans())
    submission = read_submission(tmp_path)

    assert submission.roles.features == ("소득",)
    assert (submission.roles.sensitive, submission.roles.clustered) == (("성별", "나이", "국적"), True)
    assert submission.roles.classes[submission.roles.favourable[0]] == "승인"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_guess_has_its_reason_in_words_of_both_languages(tmp_path, lang):
    guesses = written(tmp_path, loans())

    assert all(reason(each, words(lang).text) for each in guesses.guesses)
    assert text_of(guesses, words(lang).text).count("#") > 20


def test_sensitive_guess_names_ground_and_law(tmp_path):
    guesses = written(tmp_path, loans())
    (sex,) = [each for each in guesses.guesses if each.column == "성별"]

    assert (sex.values["ground"], sex.values["source"], sex.certain) == ("sex", "nhrck_2_3", True)


def test_file_without_answers_says_where_to_fill_in(tmp_path):
    guesses = written(tmp_path, loans().drop(columns=["예측", "예측확률"]))

    assert not guesses.has_answers
    assert "init.comment.no_answers" in (tmp_path / "submission.yaml").read_text()
    with pytest.raises(SubmissionError, match="names no prediction, and there is no model"):
        read_submission(tmp_path)


def test_score_without_prediction_is_kept_from_the_model(tmp_path):
    guesses = written(tmp_path, loans().drop(columns=["예측"]))

    assert "예측확률" in guesses.columns_of("exclude")


def test_model_takes_the_place_of_predictions(tmp_path):
    (tmp_path / "model.skops").write_bytes(b"x")
    written(tmp_path, loans().drop(columns=["예측", "예측확률"]), model=model_of(tmp_path / "model.skops", tmp_path))

    assert read_submission(tmp_path).model.path == "model.skops"


def test_target_and_sensitive_are_taken_as_asked(tmp_path):
    guesses = written(tmp_path, loans(), target="국적", sensitive=["승인여부"])

    assert guesses.column_of("target") == "국적"
    assert "승인여부" in guesses.columns_of("sensitive")


def test_numeric_target_makes_a_regression_that_is_accepted(tmp_path):
    table = loans().assign(예측=lambda table: table["소득"] + 1).drop(columns=["예측확률"])
    guesses = written(tmp_path, table, target="소득")

    assert guesses.task == "regression"
    assert read_submission(tmp_path).roles.task == "regression"


def test_multiclass_target_is_accepted(tmp_path):
    table = (
        loans()
        .assign(결과=np.arange(200) % 3, y_pred=np.arange(200) % 3)
        .drop(columns=["승인여부", "예측", "예측확률"])
    )
    guesses = written(tmp_path, table)

    assert (guesses.task, guesses.column_of("target")) == ("multiclass", "결과")
    assert read_submission(tmp_path).roles.classes == (0, 1, 2)


@pytest.mark.parametrize(
    ("name", "values", "favourable"),
    [
        ("approved", [0, 1], 1),
        ("연체", [0, 1], 0),
        ("연체여부", ["Y", "N"], "N"),
        ("deny", ["no", "yes"], "no"),
        ("결과", ["승인", "거절"], "승인"),
        ("credit", ["good", "bad"], "good"),
        ("승인", [False, True], True),
        ("default", [0.0, 1.0], 0.0),
        ("loan", ["rejected", "waiting"], "waiting"),
    ],
)
def test_favourable_value_is_told_by_words_and_names(name, values, favourable):
    assert column_names.favourable(name, values)[0] == favourable


def test_favourable_value_is_open_when_nothing_tells():
    assert column_names.favourable("y", [0, 1]) is None


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["900101-1234567"], "resident_number"),
        (["9001011234567"], "resident_number"),
        (["01012345678", None], "mobile"),
        (["a@b.kr"], "email"),
        (["402-81-00000"], "business_number"),
        (["서울", "부산"], None),
        ([None], None),
        ([], None),
    ],
)
def test_personal_data_is_told_by_its_pattern(values, kind):
    assert column_names.personal(values) == kind


@pytest.mark.parametrize(
    ("name", "ground"),
    [
        ("성별", "sex"), ("생년월일", "age"), ("국적", "nationality"), ("장애여부", "disability"), ("종교", "religion"),
        ("혼인상태", "marital_status"), ("최종학력", "education"), ("거주지역", "residence"), ("임신여부", "pregnancy"),
        ("Gender", "sex"), ("applicantAge", "age"), ("race", "race"), ("foreign_worker", "nationality"),
        ("wage", None), ("sextant", None), ("소득", None),
    ],
)  # fmt: skip
def test_ground_of_discrimination_is_told_by_name(name, ground):
    found = column_names.ground_of(name)

    assert (found and found.name) == ground


def test_second_column_of_a_ground_is_kept_from_the_model(tmp_path):
    guesses = written(tmp_path, loans().assign(gender=loans()["성별"]))

    assert [(each.part, each.reason) for each in guesses.guesses if each.column == "gender"] == [
        ("exclude", "sensitive_name")
    ]


def test_birth_dates_are_kept_from_the_model_and_reported(tmp_path):
    table = (
        loans()
        .drop(columns=["나이"])
        .assign(생년월일=[f"19{40 + row % 60}-01-{1 + row % 28:02d}" for row in range(200)])
    )
    guesses = written(tmp_path, table)

    assert [each.reason for each in guesses.guesses if each.column == "생년월일"] == ["too_many_values"]
    assert "생년월일" not in read_submission(tmp_path).roles.features


def test_names_and_values_that_yaml_could_misread_survive(tmp_path):
    names = {"성별": "a: b #c", "나이": "null", "소득": 'x"\\y', "국적": "- race\n\x85", "신청일": "{z}"}
    table = (
        loans().rename(columns=names).assign(승인여부=lambda t: t["승인여부"].replace({"승인": "yes", "거절": "no: #"}))
    )
    written(tmp_path, table.assign(예측=table["승인여부"]))

    assert set(names.values()) <= set(read_submission(tmp_path).evaluation.table.names)


@pytest.mark.parametrize(
    ("kept", "code"),
    [({"target": "승인여브"}, "init_column_missing"), ({"sensitive": ["성벌"]}, "init_column_missing")],
)
def test_column_that_is_not_there_is_refused_with_the_near_name(tmp_path, kept, code):
    with pytest.raises(UsageError, match=r"did you mean (승인여부|성별)") as caught:
        written(tmp_path, loans(), **kept)

    assert caught.value.code == code


def test_table_without_outcome_asks_for_the_target(tmp_path):
    with pytest.raises(UsageError, match="name it with --target"):
        written(tmp_path, loans()[["소득", "신청번호"]])


def test_folder_is_refused_before_guessing_only_where_a_manifest_is(tmp_path):
    refuse_existing(tmp_path)
    written(tmp_path, loans())

    with pytest.raises(UsageError, match="exists already") as caught:
        refuse_existing(tmp_path)
    assert caught.value.code == "init_exists"


def test_a_link_that_leads_nowhere_is_a_manifest_that_is_there(tmp_path):
    (tmp_path / "submission.yaml").symlink_to(tmp_path / "gone")

    with pytest.raises(UsageError, match="exists already"):
        refuse_existing(tmp_path)


def test_a_folder_is_no_data_file(tmp_path):
    with pytest.raises(UsageError, match=r"is a folder; give the data file$") as caught:
        guess(tmp_path)

    assert caught.value.code == "init_folder"


def uncommented(place, start):
    """The manifest with one comment taken for a line, and what follows `features:` gone."""
    lines = place.read_text(encoding="utf-8").splitlines()
    end = lines.index("  features:") if "  features:" in lines else len(lines)
    place.write_text("\n".join(line.replace(f"# {start}", start) for line in lines[:end]), encoding="utf-8")


@pytest.mark.parametrize("dropped", [["예측", "예측확률"], ["예측", "예측확률", "휴대폰"]])
def test_features_of_a_model_are_an_example_that_can_be_uncommented(tmp_path, dropped):
    (tmp_path / "m.skops").write_bytes(b"x")
    table = loans().drop(columns=dropped).assign(**{"a: b": 1.5, "근속": 2})
    guesses = written(tmp_path, table, model=model_of(tmp_path / "m.skops", tmp_path))
    before = read_submission(tmp_path).roles.features
    uncommented(tmp_path / "submission.yaml", "features: {include:")

    assert guesses.features == before == read_submission(tmp_path).roles.features == ("소득", "a: b", "근속")


@pytest.mark.parametrize(("model", "said"), [(None, False), (("skops", "m.skops"), True)])
def test_features_are_explained_only_with_a_model(tmp_path, model, said):
    written(tmp_path, loans(), model=model)
    text = (tmp_path / "submission.yaml").read_text()

    assert ("init.comment.include" in text, "# features: {include: [" in text) == (said, said)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_origin_of_data_is_explained_in_a_comment_of_its_own(tmp_path, guessed, lang):
    lines = text_of(guessed(loans()), words(lang).text).splitlines()

    for origin in ("evaluator_held", "witnessed", "pre_sealed", "applicant_supplied"):
        assert lines.count(f"  # - {origin}: {words(lang).text(f'origin.{origin}')}") == 1


def test_manifest_that_is_there_is_left_alone(tmp_path):
    written(tmp_path, loans())

    with pytest.raises(UsageError, match="exists already"):
        write_manifest(tmp_path, "x")


@pytest.mark.parametrize(("name", "code"), [("gone.skops", "init_model_missing"), ("model.exe", "init_model_format")])
def test_model_that_cannot_be_named_is_refused(tmp_path, name, code):
    (tmp_path / "model.exe").write_bytes(b"x")

    with pytest.raises(UsageError) as caught:
        model_of(tmp_path / name, tmp_path)

    assert caught.value.code == code


def test_model_outside_the_folder_is_refused(tmp_path):
    (tmp_path / "m.onnx").write_bytes(b"x")
    (tmp_path / "inner").mkdir()

    with pytest.raises(UsageError, match="copy the model beside the data first"):
        model_of(tmp_path / "m.onnx", tmp_path / "inner")
