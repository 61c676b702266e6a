"""Training data that lies beside the data."""

import pytest

from reliability.submission.siblings import training_beside

COLUMNS = ("income", "approved")
ROWS = "income,approved\n1,0\n2,1\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "evaluation.csv").write_text(ROWS, encoding="utf-8")
    return tmp_path


def found(folder, columns=COLUMNS):
    return training_beside(folder / "evaluation.csv", columns)


@pytest.mark.parametrize("name", ["training.csv", "train.csv", "loans_TRAIN.csv", "학습데이터.csv", "x-fit.csv"])
def test_a_file_named_so_with_the_same_columns_is_training_data(folder, name):
    (folder / name).write_text(ROWS, encoding="utf-8")

    assert found(folder) == name


def test_the_order_of_columns_does_not_matter(folder):
    (folder / "training.csv").write_text("approved,income\n0,1\n1,2\n", encoding="utf-8")

    assert found(folder) == "training.csv"


@pytest.mark.parametrize("name", ["constrain.csv", "trainees.csv", "training.txt", "other.csv"])
def test_other_names_are_not(folder, name):
    (folder / name).write_text(ROWS, encoding="utf-8")

    assert found(folder) is None


@pytest.mark.parametrize("content", ["income\n1\n", "income,approved,extra\n1,0,2\n", "", "\0"])
def test_other_columns_or_an_unreadable_file_are_not(folder, content):
    (folder / "training.csv").write_text(content, encoding="utf-8")

    assert found(folder) is None


def test_of_two_that_fit_neither_is_taken(folder):
    for name in ("training.csv", "train.csv"):
        (folder / name).write_text(ROWS, encoding="utf-8")

    assert found(folder) is None


def test_the_data_itself_is_not_its_own_training_data(tmp_path):
    (tmp_path / "training.csv").write_text(ROWS, encoding="utf-8")

    assert training_beside(tmp_path / "training.csv", COLUMNS) is None


def test_a_folder_of_that_name_is_passed_over(folder):
    (folder / "training.csv").mkdir()

    assert found(folder) is None
