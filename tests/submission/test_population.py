import hashlib

import pytest

from reliability.errors import SubmissionError
from reliability.submission.population import read_population

HEAD = "column,value,share\n"


def written(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "population.csv"
    path.write_text(text, encoding=encoding)
    return read_population(path, "population.csv", ("sex", "age")).shares


def test_the_digest_is_that_of_the_file(tmp_path):
    path = tmp_path / "population.csv"
    path.write_bytes("\ufeffcolumn,value,share\r\nsex,여,1\r\n".encode())
    read = read_population(path, "sub/population.csv", ("sex",))

    assert (read.path, read.sha256) == ("sub/population.csv", hashlib.sha256(path.read_bytes()).hexdigest())


def test_shares_are_read_by_column_and_group(tmp_path):
    read = written(tmp_path, HEAD + "sex,F,0.5\nsex,M,0.5\n\nage,0-30,0.25\nage,30-,0.75\n")

    assert read == {"sex": {"F": 0.5, "M": 0.5}, "age": {"0-30": 0.25, "30-": 0.75}}


def test_groups_are_read_by_their_meaning(tmp_path):
    assert written(tmp_path, "\ufeff" + HEAD + "sex,1.0,0.5\nsex,false,0.5\n") == {"sex": {"1": 0.5, "0": 0.5}}


def test_shares_that_were_rounded_are_made_to_add_up(tmp_path):
    read = written(tmp_path, HEAD + "sex,a,0.333\nsex,b,0.333\nsex,c,0.333\n")

    assert sum(read["sex"].values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "population_header", "population.csv: must begin with the line column,value,share"),
        (HEAD, "population_header", "a line for every group"),
        ("group,value,share\nsex,F,1\n", "population_header", "column,value,share"),
        (HEAD + "sex,F\n", "population_ragged", "population.csv:2: has 2 fields, the header has 3"),
        (
            HEAD + "race,F,1\n",
            "population_column",
            "population.csv:2: column 'race' is neither sensitive nor a segment",
        ),
        (HEAD + "sex,F,half\n", "population_share", "population.csv:2: share is 'half'"),
        (HEAD + "sex,F,1.5\n", "population_share", "write a number from 0 to 1"),
        (HEAD + "sex,F,-0.5\n", "population_share", "write a number from 0 to 1"),
        (HEAD + "sex,1,0.5\nsex,1.0,0.5\n", "population_twice", "population.csv:3: 'sex' has a share of '1.0' already"),
        (HEAD + "sex,F,0.5\nsex,M,0.4\n", "population_sum", "the shares of 'sex' add up to 0.9"),
        (HEAD + 'sex,"F,1\n', "population_no_csv", "cannot be read as CSV"),
        (HEAD + "sex,F,1\n" * 130_000, "population_unreadable", "1,000,000 bytes"),
    ],
)
def test_a_population_is_refused_in_one_line(tmp_path, text, code, line):
    with pytest.raises(SubmissionError) as refusal:
        written(tmp_path, text)

    assert refusal.value.code == code
    assert line in str(refusal.value)


def test_a_population_in_another_encoding_is_refused(tmp_path):
    with pytest.raises(SubmissionError) as refusal:
        written(tmp_path, HEAD + "sex,여,1\n", encoding="cp949")

    assert refusal.value.code == "population_no_csv"
