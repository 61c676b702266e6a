"""Whatever somebody types for a step of certification: taken in as it stands, or refused in a line."""

import pytest

from tests.certification import hub as made
from tests.certification.conftest import hub_template  # noqa: F401  (a fixture)
from tests.cli.test_certify import ASSESSMENT, case, certify, hub  # noqa: F401  (fixtures)

STEPS = [
    ("decide", "--refuse", "--reason"), ("review", "--recommend", "grant", "--note"),
    ("discard", "--run", "1", "--why"),
    ("declare", "--role", "evaluator", "--statement"), ("accept", "--position"), ("appeal", "--grounds"),
    ("hear", "--dismiss", "--reason"), ("close", "NC-1", "--note"), ("condition", "PER-01", "--note"),
    ("plan", "submission", "--deviates"), ("review", "--note", "x", "--nonconformity", "PER-01", "minor"),
    ("decide", "--conditional", "--condition", "PER-01", "2027-01-01"),
]  # fmt: skip


@pytest.mark.parametrize("text", ["", "   ", "\n", "가" * 4001])
@pytest.mark.parametrize("step", STEPS)
def test_a_text_that_says_nothing_or_too_much_is_refused(run, step, text):
    command, *arguments = step
    ended = run("certify", command, "JJ-2026-0001", *arguments, text, "--key", "none")

    assert (ended.status, ended.err.split(": ")[2].split(";")[0]) == (2, f"{len(text.strip())} characters")


@pytest.mark.parametrize("text", ["a\x1b[2Jb", "a\u202egnp.exe", "\u2066x\u2069", "\udcff", "\x7f"])
@pytest.mark.parametrize("command", ["suspend", "restore", "withdraw", "cancel"])
def test_a_text_that_would_read_otherwise_is_refused(run, command, text):
    ended = run("register", command, "JJ-C-2026-0001", "--reason", text, "--key", "none", lang="ko")

    assert ended.status == 2
    assert "글의 방향" in ended.err


def test_a_severity_is_one_of_three(run):
    ended = run("certify", "review", "JJ-2026-0001", "--note", "x", "--recommend", "grant", "--key", "none",
                "--nonconformity", "PER-01", "awful", "text")  # fmt: skip

    assert ended.status == 2
    assert "awful" in ended.err


def test_as_much_as_may_be_said_is_signed_as_it_was_typed(certify, hub, case):  # noqa: F811  (fixtures' own names)
    made.ran(hub, case, ASSESSMENT)
    text = "자료를 보았습니다.\n첫째, 👩‍🔬…" + "가" * 3900

    assert certify("park", "review", case, "--recommend", "grant", "--note", f"  {text} ").status == 0
    assert hub.history(case).events[-1].body.note == text


@pytest.mark.parametrize("name", ["x" * 4000, "\udcff", "한글\n줄", "%", "' OR 1=1 --", "👩‍🔬", "\u202e"])
def test_a_case_by_a_name_that_none_has_is_unknown(run, hub, name):  # noqa: F811
    for group in ("certify", "register"):
        ended = run(group, "show", name, "--register", hub.register)

        assert ended.status == 2
        assert len(ended.err.splitlines()) == 1
    assert run("register", "search", name, "--register", hub.register).status in (0, 1, 2)
