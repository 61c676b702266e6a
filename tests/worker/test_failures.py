import json
import signal
import string
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.records import FAILURES
from reliability.worker import failures


def names_in(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_every_failure_of_the_record_has_its_message():
    assert set(failures.MESSAGES) == FAILURES


def test_what_a_worker_may_report_is_named_in_the_message():
    for code, names in failures.REPORTABLE.items():
        assert set(names) <= names_in(failures.MESSAGES[code])


@pytest.mark.parametrize(
    ("status", "code", "values"),
    [
        (0, "model_exited", {"status": 0}),
        (1, "model_exited", {"status": 1}),
        (128 + signal.SIGSEGV, "model_crashed", {"signal": "SIGSEGV"}),
        (128 + signal.SIGABRT, "model_crashed", {"signal": "SIGABRT"}),
        (128 + signal.SIGXCPU, "model_cpu_limit", {"seconds": 4}),
        (-signal.SIGKILL, "model_crashed", {"signal": "SIGKILL"}),
        (255, "model_exited", {"status": 255}),
        (None, "model_protocol_violation", {"what": "closed"}),
    ],
)
def test_exit_is_told_by_its_status(status, code, values):
    error = failures.of_exit(status, cpu_s=4)

    assert (error.code, error.values) == (code, values)


@pytest.mark.parametrize("error", [None, 3, "conforms", "model_timeout", "sandbox_unavailable", ["model_raised"]])
def test_report_is_a_violation_when_a_worker_may_not_say_it(error):
    assert failures.reported(error, {}, memory_bytes=1).code == "model_protocol_violation"


def test_report_keeps_only_its_own_values_when_more_are_sent():
    error = failures.reported("model_raised", {"type": "E", "message": 3, "verdict": "pass"}, memory_bytes=1)

    assert error.values == {"type": "E", "message": "3"}


def test_report_of_memory_names_our_limit_not_the_models():
    assert failures.reported("model_memory_limit", {"mebibytes": 1}, memory_bytes=4 << 20).values == {"mebibytes": 4}


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("one\ntwo\tthree", "one two three"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("bell\x07", "bell"),
        ("right\u202eto left", "right to left"),
        ("한글 <b>", "한글 <b>"),
        (None, "None"),
        ("", ""),
    ],
)
def test_text_from_outside_is_one_plain_line(text, clean):
    assert failures.cleaned(text) == clean


def test_text_from_outside_is_cut_when_long():
    assert failures.cleaned("x" * 10**6) == "x" * 199 + "…"


def test_unavailable_says_the_line_that_helps():
    error = failures.unavailable("bubblewrap_missing", "no bwrap on the PATH")

    assert str(error).endswith("; apt-get install -y bubblewrap")


def test_values_fit_a_record_as_they_are():
    error = failures.failure("model_raised", type="E", message="m")

    assert json.dumps(error.plain_values()) == '{"type": "E", "message": "m"}'


@pytest.mark.parametrize("number", sorted(set(signal.Signals) - {signal.SIGXCPU}))
def test_every_signal_has_its_name_whichever_way_it_comes(number):
    name = signal.Signals(number).name

    for status in (128 + number, -number):
        assert failures.of_exit(status, cpu_s=1).values == {"signal": name}


@pytest.mark.parametrize("status", [2, 64, 127, 128, 128 + 32, 254])
def test_status_that_is_no_signal_is_told_as_it_is(status):
    assert failures.of_exit(status, cpu_s=1).values == {"status": status}


@pytest.mark.parametrize("values", [None, [], "text", 7])
def test_report_is_a_violation_when_its_values_are_no_object(values):
    assert failures.reported("model_raised", values, memory_bytes=1).values == {"what": "unknown_error"}


@pytest.mark.parametrize("code", sorted(set(failures.REPORTABLE) - {"model_memory_limit"}))
def test_report_has_every_value_of_its_message_when_the_worker_sends_none(code):
    error = failures.reported(code, {}, memory_bytes=1)

    assert error.plain_values() == dict.fromkeys(failures.REPORTABLE[code], "")
    assert str(error)


@given(st.text(max_size=300) | st.lists(st.text(max_size=9)) | st.floats())
@settings(max_examples=80, database=None)
def test_text_from_outside_is_printable_short_and_stays_so(text):
    line = failures.cleaned(text)

    assert len(line) <= failures.LONGEST_TEXT
    assert not any(unicodedata.category(one).startswith("C") for one in line)
    assert failures.cleaned(line) == line


@pytest.mark.parametrize("length", [199, 200, 201])
def test_text_is_cut_only_when_it_is_longer_than_the_limit(length):
    assert failures.cleaned("가" * length) == ("가" * length if length <= 200 else "가" * 199 + "…")


def test_half_a_surrogate_pair_does_not_reach_a_record():
    failures.cleaned("a\ud800b").encode()

    assert failures.cleaned("a\ud800b") == "a b"
