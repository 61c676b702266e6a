"""What `init` asks on a terminal."""

import pytest

from reliability.cli.particulars import ask_particulars
from reliability.submission.guesses import guess
from reliability.submission.init import Particulars, declared_check, text_of
from reliability.words.text import words

ROWS = "income,branch,approved\n" + "".join(f"{row},{'AB'[row % 2]},{row % 2}\n" for row in range(40))
SAID = words("en")


@pytest.fixture
def guesses(tmp_path):
    (tmp_path / "loans.csv").write_text(ROWS, encoding="utf-8")
    return guess(tmp_path / "loans.csv", model=("skops", "model.skops"))


def told(guesses, *lines):
    left = iter(lines)
    return ask_particulars(guesses, SAID, ask=lambda _: next(left))


def test_every_line_is_taken(guesses):
    got = told(guesses, "Onggoeul", "Small loans", "2.3.1", "suggests", "n one row an applicant", "branch", "0.8")

    assert got == Particulars(
        organisation="Onggoeul", system="Small loans", version="2.3.1", purpose="suggests",
        rows_apart="one row an applicant", segments=("branch",), level=0.8,
    )  # fmt: skip


def test_enter_leaves_everything_to_be_filled_in(guesses):
    assert told(guesses, *[""] * 7) == Particulars()


def test_the_column_of_rows_that_belong_together_is_taken(guesses):
    assert told(guesses, "", "", "", "", "branch", "", "").entity == "branch"


@pytest.mark.parametrize("line", ["n", "N ", "branches", "yes"])
def test_a_reason_or_a_column_is_asked_for_again(guesses, line):
    assert told(guesses, "", "", "", "", line, "아니요 한 번뿐", "", "").rows_apart == "한 번뿐"


def test_several_segments_are_separated_by_commas(guesses):
    assert told(guesses, "", "", "", "", "", " branch , income,branch", "").segments == ("branch", "income")


@pytest.mark.parametrize("line", ["branch; income", ",", "site"])
def test_segments_that_are_no_columns_are_asked_for_again(guesses, line):
    assert told(guesses, "", "", "", "", "", line, "branch", "").segments == ("branch",)


@pytest.mark.parametrize(("line", "level"), [("0,85", 0.85), ("1", 1.0), ("0", 0.0)])
def test_a_level_is_a_number_from_0_to_1(guesses, line, level):
    assert told(guesses, "", "", "", "", "", "", line).level == level


@pytest.mark.parametrize("line", ["80", "-0.1", "high", "nan", "inf", "80%"])
def test_another_level_is_asked_for_again(guesses, line):
    assert told(guesses, "", "", "", "", "", "", line, "0.8").level == 0.8


def test_what_was_told_stands_in_the_file(guesses):
    given = Particulars(organisation='He said "no": #1', entity="branch", segments=("branch",), level=0.75)
    text = text_of(guesses, SAID.text, given)

    assert '  name: "He said \\"no\\": #1"\n' in text
    assert "  entity: branch\n  segments: [branch]\n" in text
    assert "\nperformance: {check: performance.roc_auc, at_least: 0.75}\n" in text


def test_the_reason_why_rows_stand_apart_becomes_a_fact(guesses):
    text = text_of(guesses, SAID.text, Particulars(rows_apart="one row each"))

    assert "\nfacts:\n" in text
    assert '  rows_share_entities: {is: false, because: "one row each"}\n' in text


def test_without_a_score_accuracy_is_declared(tmp_path):
    (tmp_path / "loans.csv").write_text(ROWS, encoding="utf-8")

    assert declared_check(guess(tmp_path / "loans.csv")) == "performance.accuracy"
