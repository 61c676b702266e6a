import subprocess
import sys

import pytest

from reliability.cli.saying import print_json, say, tell


def test_words_keep_their_lines_and_lose_what_steers(capsys):
    tell("하나\n둘\x1b[2J")
    say("셋\u202e\n넷")

    assert capsys.readouterr() == ("셋�\n넷\n", "하나\n둘�[2J\n")


def test_values_are_printed_as_canonical_json(capsys):
    print_json({"b": 1, "a": ["가"]})

    assert capsys.readouterr().out == '{"a":["가"],"b":1}\n'


@pytest.mark.parametrize("module", ["certifying", "trusting", "registering", "certify_steps", "certify_changes"])
def test_who_only_signs_does_not_wait_for_what_measures(module):
    heavy = "print([one for one in ('pandas', 'scipy', 'reliability.engine') if one in sys.modules])"
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys, reliability.cli.{module}; {heavy}"], capture_output=True, text=True,
        check=True,
    )  # fmt: skip

    assert ran.stdout == "[]\n"
