import pytest

from reliability.cli.conditions import condition_lines
from reliability.words.text import words

LANGUAGES = ("ko", "en")


def test_a_condition_is_told_by_the_questions_behind_its_facts():
    assert condition_lines("hiring and not (regression or classification)", words("en")) == [
        "Is it used for hiring, promotion or appraisal of staff? Yes (hiring)",
        "and not (Is the task regression? Yes (regression)",
        "or Is the task classification? Yes (classification))",
    ]


@pytest.mark.parametrize(("lang", "answer"), [("en", "No"), ("ko", "아니오")])
def test_what_must_not_be_so_is_told_by_the_answer(lang, answer):
    (line,) = condition_lines("not regression", words(lang))

    assert line.endswith(f"? {answer} (regression)")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_bracket_closes_on_the_line_of_its_last_fact(lang):
    first, second = condition_lines("(hiring or generative) and classification", words(lang))[1:]

    assert first.endswith(" (generative))")
    assert second.endswith(" (classification)")
