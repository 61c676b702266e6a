"""README and CHANGELOG say what the program does: held to its help."""

import re
import tomllib
from pathlib import Path

import click
import pytest
from ruamel.yaml import YAML

from reliability.cli.assess import EXIT
from reliability.cli.main import COMMANDS, commands
from reliability.cli.terminal import MARKS
from reliability.submission.manifest import (
    ColumnEntry,
    DataPart,
    DependencyEntry,
    Manifest,
    ModelPart,
    Organisation,
    System,
)
from reliability.words.text import words

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ENGLISH, KOREAN = README.split("\n## 한국어\n")


def options_of(*names):
    context = click.Context(commands)
    named = [commands.get_command(context, name) for name in names]
    within = [one for command in named if isinstance(command, click.Group) for one in command.commands.values()]
    params = [param for command in (*named, *within) for param in command.params]
    return {option for param in params for option in param.opts} | {"--help", "-h"}


@pytest.mark.parametrize("part", [ENGLISH, KOREAN], ids=["english", "korean"])
def test_every_command_has_its_line_in_the_table(part):
    listed = re.findall(r"^\| `reliability (\w+)` \|", part, re.M)

    assert listed == list(COMMANDS)


def test_every_command_that_is_named_exists():
    assert set(re.findall(r"reliability (\w+)", re.sub(r"reliability workbench", "", README))) - {"is"} <= set(COMMANDS)


def test_every_option_that_is_named_exists():
    everywhere = options_of(*COMMANDS)

    assert set(re.findall(r"(?<![\w-])--[a-z]+(?:-[a-z]+)*", README)) <= everywhere


@pytest.mark.parametrize("line", re.findall(r"^    reliability .+", README, re.M))
def test_a_line_of_the_walk_through_names_options_of_its_command(line):
    typed = line.split("#")[0]
    command = typed.split()[1]

    assert set(re.findall(r"(?<= )--?[a-z]+", typed)) <= options_of(command)


@pytest.mark.parametrize("line", re.findall(r"^\| `reliability .+", ENGLISH, re.M))
def test_a_line_of_the_table_names_options_of_its_command(line):
    assert set(re.findall(r"--[a-z]+(?:-[a-z]+)*", line)) <= options_of(re.findall(r"reliability (\w+)", line)[0])


@pytest.mark.parametrize("part", [ENGLISH, KOREAN], ids=["english", "korean"])
def test_the_walk_through_takes_ten_lines(part):
    walk = next(block for block in re.findall(r"(?:^    .+\n)+", part, re.M) if "reliability init" in block)

    assert len(walk.splitlines()) == 10


@pytest.mark.parametrize(("part", "lang"), [(ENGLISH, "en"), (KOREAN, "ko")])
def test_every_verdict_stands_with_its_mark(part, lang):
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", part, re.M)
    marked = {tuple(names.split(", ")): tuple(marks.split()) for names, marks in rows}
    pairs = {(name.lower(), mark) for names, marks in marked.items() for name, mark in zip(names, marks, strict=False)}

    assert {(words(lang).text(f"verdict.{one}").lower(), mark) for one, (mark, _) in MARKS.items()} <= pairs


def test_every_outcome_stands_with_its_exit_status():
    rows = dict(re.findall(r"^\| ([a-z ]+) \|.*\| (\d) \|$", ENGLISH, re.M))

    assert rows == {outcome.replace("_", " "): str(status) for outcome, status in EXIT.items()}


@pytest.mark.parametrize("part", [ENGLISH, KOREAN], ids=["english", "korean"])
def test_every_exit_status_is_explained(part):
    table = part[part.index("| exit status |" if part is ENGLISH else "| 종료 상태 |") :]

    assert re.findall(r"^\| (\d+) \|", table, re.M) == ["0", "1", "2", "3", "70"]


def test_the_submission_shown_is_one_that_is_accepted():
    shown = re.search(r"```yaml\n(.*?)```", README, re.S).group(1)
    yaml = YAML(typ="safe", pure=True)

    assert Manifest.model_validate(yaml.load(shown)).data.target == "approved"


@pytest.mark.parametrize("path", re.findall(r"`(script/\w+|reliability/\w+)`", README))
def test_a_path_that_is_named_exists(path):
    assert (ROOT / path).exists()


def test_the_changelog_has_the_version_of_the_package():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert re.findall(r"^## \[(.+?)\]", changelog, re.M)[:2] == ["Unreleased", version]


@pytest.mark.parametrize(
    "part",
    [Manifest, DataPart, ModelPart, ColumnEntry, DependencyEntry, Organisation, System],
    ids=lambda one: one.__name__,
)
def test_every_key_of_a_submission_stands_in_its_page(part):
    page = (ROOT / "docs" / "submission.md").read_text(encoding="utf-8")
    keys = {field.alias or name for name, field in part.model_fields.items()}

    assert [key for key in sorted(keys) if not re.search(rf"(`|[{{,] ?){key}(`|:|}})", page)] == []


def test_the_page_of_keys_names_none_that_is_not_there():
    page = (ROOT / "docs" / "submission.md").read_text(encoding="utf-8")
    parts = re.split(r"^## |^`data.schema.COLUMN`", page, flags=re.M)
    known = [Manifest, DataPart, ColumnEntry, ModelPart]
    named = [set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`[^|]*) \|", part, re.M)))) for part in parts[1:]]

    assert named == [{field.alias or name for name, field in part.model_fields.items()} for part in known]
