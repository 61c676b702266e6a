import ast
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from reliability.cli import main as program
from reliability.cli.main import COMMANDS, commands, language_of_locale
from reliability.threads import ONE_THREAD
from reliability.words.text import words

CLI = Path(program.__file__).parent
LONGEST_COMMAND = 15
SUFFIXES = r"(?:/|\.\w+)?"


def command_named(name):
    return commands.get_command(click.Context(commands), name)


def leaves():
    """Every command that does something: those without commands of their own, and those below them."""
    found = []
    for name in COMMANDS:
        command = command_named(name)
        found += command.commands.values() if isinstance(command, click.Group) else [command]
    return found


@pytest.fixture
def broken(monkeypatch):
    """Make `reliability facts` end in this error."""

    def breaking(error):
        def callback(**_):
            raise error

        monkeypatch.setattr(command_named("facts"), "callback", callback)

    return breaking


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example_on_one_line(run, name, lang):
    ran = run(name, "--help", lang=lang)
    sign = "예:" if lang == "ko" else "Example:"

    assert (ran.status, ran.err) == (0, "")
    assert re.search(rf"^  {sign} reliability {name}\b", ran.out, re.M)
    assert bool(re.search("[가-힣]{2}", ran.out.split(sign)[0])) is (lang == "ko")


@pytest.mark.parametrize("command", leaves(), ids=lambda command: command.name)
def test_every_command_takes_language_and_json(command):
    taken = {option for param in command.params for option in param.opts}

    assert {"--lang", "--json"} <= taken


@pytest.mark.parametrize("command", leaves(), ids=lambda command: command.name)
def test_every_example_names_options_that_there_are(command):
    taken = {option for param in command.params for option in param.opts}

    assert set(re.findall(r"(?<= )--?[a-z-]+", command.epilog)) <= taken


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_korean_help_of_its_own(name):
    said = words("ko")
    options = [param.name for param in command_named(name).params if isinstance(param, click.Option)]

    assert [one for one in options if not said.first(f"cli.{name}.option.{one}", f"cli.option.{one}")] == []


def test_help_lists_the_commands_in_the_order_of_the_work(run):
    listed = re.findall(r"^  (\w+) {2,}\S", run("--help").out, re.M)

    assert listed == list(COMMANDS)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_line_of_the_list_is_a_whole_sentence_that_fits(run, lang):
    said = run("--help", lang=lang).out
    lines = re.findall(r"^  (\w+) {2,}(\S.*)$", said, re.M)[-len(COMMANDS) :]

    assert [name for name, _ in lines] == list(COMMANDS)
    assert [line for _, line in lines if line[-1] not in ".?"] == []


def test_help_in_korean_leaves_the_english_help_as_it_was(run):
    before = run("assess", "--help", lang="en").out
    run("assess", "--help", lang="ko")

    assert run("assess", "--help", lang="en").out == before


def test_no_arguments_show_the_help_and_exit_2(run):
    ran = run()

    assert ran.status == 2
    assert "Commands:" in ran.err


def test_version_is_said(run):
    assert run("--version").out == "reliability 0.1.0\n"


def test_commands_stay_within_fifteen_lines():
    found = {}
    for path in CLI.glob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.endswith("_command"):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                found[node.name] = len({line for one in body for line in range(one.lineno, one.end_lineno + 1)})

    assert {name: lines for name, lines in found.items() if lines > LONGEST_COMMAND} == {}
    assert len(found) == len(leaves()) + sum(isinstance(command_named(name), click.Group) for name in COMMANDS)


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ko_KR"}, "ko"),
        ({"LC_ALL": "", "LANG": "KO"}, "ko"),
    ],
)
def test_language_follows_the_locale(environment, lang):
    assert language_of_locale(environment) == lang


@pytest.mark.parametrize("arguments", [["--lang", "ko"], ["--lang=ko"]])
def test_language_on_the_command_line_wins_over_the_locale(run, arguments):
    assert "사용법:" in run("facts", "--help", *arguments, lang="en").out


def test_a_language_that_we_do_not_speak_is_refused(run):
    ran = run("facts", "--lang", "fr")

    assert ran.status == 2
    assert "'fr' is not one of 'ko', 'en'" in ran.err


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_bug_is_exit_70_with_a_file_to_send_and_no_traceback(run, broken, lang, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    broken(RuntimeError("out of our hands"))
    ran = run("facts", lang=lang)

    (report,) = tmp_path.iterdir()
    assert (ran.status, ran.out) == (70, "")
    assert len(ran.err.splitlines()) == 1
    assert str(report) in ran.err
    assert "out of our hands" in report.read_text()


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyboardInterrupt(), {"en": "nothing half-written", "ko": "중단했습니다"}),
        (PermissionError(13, "Permission denied", "a.csv"), {"en": "a.csv: Permission denied", "ko": "a.csv: "}),
        (OSError(28, "No space left on device", "b"), {"en": "b: No space left", "ko": "b: "}),
        (click.Abort(), {"en": "stopped", "ko": "중단"}),
        (click.UsageError("Not so."), {"en": "Not so; see 'reliability facts --help'", "ko": "명령을 잘못 썼습니다"}),
    ],
)
def test_what_a_user_can_mend_is_one_line_and_exit_2(run, broken, error, said, lang):
    broken(error)
    ran = run("facts", lang=lang)

    assert ran.status == 2
    assert said[lang] in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_an_error_without_korean_words_is_told_in_english_rather_than_not_at_all(run, broken):
    from reliability.errors import UsageError

    broken(UsageError("never_worded", "{what}: quite new", what="x"))

    assert run("facts", lang="ko").err == "오류: x: quite new\n"


def test_korean_is_printed_without_a_traceback_where_the_locale_has_none():
    environment = {
        "PATH": "",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "LC_ALL": "C",
        "PYTHONIOENCODING": "ascii",
    }
    command = [sys.executable, "-m", "reliability", "explain", "pass", "--lang", "ko"]
    ended = subprocess.run(command, capture_output=True, env=environment, check=False)

    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout.endswith(b"\n")


def test_every_error_code_has_korean_words():
    raised = re.compile(
        r"""(?:(?<!PydanticKnown)Error\(|_say\(|failure\()\s*"((?:error\.)?[a-z_]+)","""
        + "|"
        + r"""ISSUER_INVALID = \(\s*"([a-z_]+)","""
    )
    sources = [path.read_text("utf-8") for path in CLI.parent.rglob("*.py")]
    codes = {(one or two).removeprefix("error.") for text in sources for one, two in raised.findall(text)}

    assert len(codes) > 60
    assert [code for code in sorted(codes) if f"error.{code}" not in words("ko")] == []


def test_linear_algebra_has_one_thread_whatever_the_machine_or_its_user_says(monkeypatch):
    script = (
        "import sys; sys.argv = ['reliability', 'checks', '--lang', 'en']\n"
        "from reliability.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "import numpy, scipy.linalg\n"
        "from threadpoolctl import threadpool_info\n"
        "found = [one['num_threads'] for one in threadpool_info()]\n"
        "sys.exit(0 if found and set(found) == {1} else str(found))\n"
    )
    for name in ONE_THREAD:
        monkeypatch.setenv(name, "5")
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr


def test_help_imports_nothing_heavy():
    script = (
        "import sys; sys.argv = ['reliability', '--help', '--lang', 'en']\n"
        "from reliability.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {one for one in sys.modules if one.startswith('reliability.cli.')} - {'reliability.cli.main'}\n"
        "heavy |= set('numpy pandas pydantic rich sklearn weasyprint scipy ruamel'.split()) & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr
