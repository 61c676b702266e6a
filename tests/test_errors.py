import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from reliability import errors
from reliability.errors import (
    NotGenuineError,
    NotMeasurable,
    ReliabilityError,
    SignerError,
    SubmissionError,
    WorkerError,
)

CLASSES = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, ReliabilityError)]


def test_error_words_its_line_with_its_values():
    error = SubmissionError("column_missing", "{where}: no column {column!r}", where="a.yaml:3", column="age")

    assert str(error) == "a.yaml:3: no column 'age'"
    assert (error.code, error.values) == ("column_missing", {"where": "a.yaml:3", "column": "age"})


def test_error_keeps_braces_that_stand_in_a_value():
    assert str(SubmissionError("code", "{found}", found="{0} {x}")) == "{0} {x}"


def test_error_may_name_its_values_code_and_message():
    assert str(WorkerError("model_raised", "{code} {message}", code=3, message="no")) == "3 no"


def test_error_without_a_value_that_its_line_names_is_a_bug():
    with pytest.raises(KeyError):
        SubmissionError("code", "{where}: no")


@pytest.mark.parametrize("kind", CLASSES)
def test_error_that_a_user_can_act_on_exits_with_2_and_one_of_what_is_not_genuine_with_4(kind):
    assert kind("code", "line").exit_status == (4 if kind in (NotGenuineError, SignerError) else 2)


def test_reason_that_nothing_can_be_measured_is_no_error_of_the_user():
    answer = NotMeasurable("one_class", n=3)

    assert not isinstance(answer, ReliabilityError)
    assert (answer.code, answer.values) == ("one_class", {"n": 3})


def test_values_of_a_failure_are_plain_when_they_go_into_the_record():
    failed = WorkerError("model_raised", "line", path=Path("a"), n=1, share=0.5, right=True, text="t", none=None)

    assert failed.plain_values() == {"path": "a", "n": 1, "share": 0.5, "right": True, "text": "t", "none": "None"}


@pytest.mark.parametrize("kind", CLASSES)
def test_an_error_travels_between_processes_with_its_code_and_values(kind):
    error = kind("column_missing", "{where}: no column {column!r}", where="a.yaml:3", column="{age}")

    again = pickle.loads(pickle.dumps(error))

    assert (type(again), str(again)) == (kind, "a.yaml:3: no column '{age}'")
    assert (again.code, again.values) == ("column_missing", {"where": "a.yaml:3", "column": "{age}"})


def test_what_was_known_of_the_worker_travels_with_its_failure():
    failed = WorkerError("model_raised", "line")
    failed.isolation = {"level": "bubblewrap"}

    assert pickle.loads(pickle.dumps(failed)).isolation == {"level": "bubblewrap"}


def test_a_refusal_travels_too():
    again = pickle.loads(pickle.dumps(NotMeasurable("one_class", n=3)))

    assert (again.code, again.values) == ("one_class", {"n": 3})


def _refusing():
    raise SubmissionError("column_missing", "{where}: no column", where="a.yaml:3")


def test_an_error_in_another_process_is_raised_here_as_it_was():
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool, pytest.raises(SubmissionError) as raised:
        pool.submit(_refusing).result(timeout=60)

    assert (raised.value.code, str(raised.value)) == ("column_missing", "a.yaml:3: no column")
