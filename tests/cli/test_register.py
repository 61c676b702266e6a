import json
from datetime import UTC, date, datetime

import click
import pytest

from reliability.cli.register import register_command
from reliability.register.store import create, open_register
from reliability.words.text import words
from tests.register.samples import CASE, REGISTER, certificate, course, entry, open_condition, sha256

DAY = "2026-07-01"
CERTIFICATES = (
    certificate("JJ-C-2026-0001", next_surveillance=date(2026, 7, 20),
                conditions=(open_condition("FAI-02", date(2026, 6, 1)),)),
    certificate("JJ-C-2026-0002", organisation="전주 캐피탈", case="JJ-2026-0002", expires=date(2026, 6, 30),
                replaces="JJ-C-2024-0001"),
    certificate("JJ-C-2026-0003", organisation="ACME Bank", case="JJ-2026-0003", status="withdrawn"),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A register of three certificates, which nothing here changes."""
    place = tmp_path_factory.mktemp("hub") / "register"
    with create(place, prefix="JJ", register_id=REGISTER) as made:
        made.append(course(b"a", b"b"), files={sha256(b"plan"): b"plan"}, index=CERTIFICATES)
        made.append([entry(b"c", case="JJ-2026-0002", kind="issued"), entry(b"d", case="JJ-2026-0003", kind="unheard")])
    (place / "roster.json").write_bytes(b"roster")
    return place


@pytest.fixture
def register(run, folder):
    """Run `reliability register ...` on it, and stop where it fails."""

    def command(name, *arguments, lang="en"):
        ran = run("register", name, *arguments, "--register", folder, lang=lang)
        assert (ran.status, ran.err) == (0, "")
        return ran.out

    return command


def numbers(said):
    return [int(one["number"][-4:]) for one in json.loads(said)]


def test_a_register_is_made_with_an_identity_of_its_own(run, tmp_path):
    told = [json.loads(run("register", "create", tmp_path / name, "--prefix", "JJ", "--json").out) for name in "ab"]

    assert told[0]["register"] != told[1]["register"]
    with open_register(tmp_path / "a") as made:
        assert (made.register_id, made.about.prefix, made.head().size) == (told[0]["register"], "JJ", 0)


@pytest.mark.parametrize("arguments", [(), ("--prefix", "JJ", "--from", "backup")])
def test_a_register_is_new_or_of_a_backup(run, tmp_path, arguments):
    ran = run("register", "create", tmp_path / "r", *arguments)

    assert (ran.status, ran.out) == (2, "")
    assert "--prefix" in ran.err
    assert not (tmp_path / "r").exists()


def test_a_password_on_the_command_line_is_refused_and_not_repeated(run, tmp_path):
    ran = run("register", "create", tmp_path / "r", "--prefix", "JJ", "--url", "postgresql://kim:secret@hub/register")

    assert (ran.status, "PGPASSWORD" in ran.err, "secret" in ran.err) == (2, True, False)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_list_says_number_status_and_holder(register, lang):
    lines = register("list", "--at", DAY, lang=lang).splitlines()
    said = words(lang)

    for line, status, holder in zip(
        lines, ("active", "expired", "withdrawn"), ("온고을신용", "전주 캐피탈", "ACME Bank"), strict=True
    ):
        assert said.text(f"cli.register.status.{status}") in line
        assert holder in line


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("--at", DAY), [1, 2, 3]),
        (("--at", DAY, "--status", "active"), [1]),
        (("--at", DAY, "--status", "expired"), [2]),
        (("--at", "2026-06-30", "--status", "active"), [1, 2]),
        (("--at", DAY, "--status", "suspended"), []),
    ],
)
def test_the_list_keeps_to_the_status_of_a_day(register, arguments, found):
    assert numbers(register("list", *arguments, "--json")) == found


def test_the_list_is_of_today_where_no_day_is_given(register):
    told = json.loads(register("list", "--json"))

    assert abs(date.fromisoformat(told[0]["status_at"]["day"]) - datetime.now(UTC).date()).days <= 1


def test_what_is_due_is_listed_with_what_is_overdue(register):
    lines = register("list", "--due", "30", "--at", DAY).splitlines()

    assert lines == [
        "2026-06-01  JJ-C-2026-0001  condition FAI-02  온고을신용  (overdue)",
        "2026-07-20  JJ-C-2026-0001  surveillance  온고을신용",
    ]


@pytest.mark.parametrize(("days", "n"), [("18", 1), ("19", 2), ("673", 3), ("999999999", 3)])
def test_what_is_due_counts_days(register, days, n):
    told = json.loads(register("list", "--due", days, "--at", DAY, "--json"))

    assert len(told) == n
    assert told[0] == {"number": "JJ-C-2026-0001", "what": "condition", "item": "FAI-02", "on": "2026-06-01"}


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(
    ("command", "word"),
    [(("list", "--status", "cancelled"), "none"), (("list", "--due", "9", "--at", "2025-01-01"), "none_due"),
     (("search", "없는 이름"), "none")],
)  # fmt: skip
def test_nothing_found_is_said(register, command, word, lang):
    assert register(*command, lang=lang).strip() == words(lang).text(f"cli.register.{word}")


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("고을",), [1]),
        (("acme",), [3]),
        (("2026-0002",), [2]),
        ((), [1, 2, 3]),
        (("--organisation", "캐피탈"), [2]),
        (("--system", "심사", "--limit", "2"), [1, 2]),
        (("--digest", sha256(b"JJ-C-2026-0003")[:10]), [3]),
        (("심사", "--status", "withdrawn"), [3]),
    ],
)
def test_a_search_finds_parts_of_names(register, arguments, found):
    assert numbers(register("search", *arguments, "--json")) == found


def test_a_search_that_stops_at_its_limit_says_so(register):
    assert "raise --limit" in register("search", "--limit", "2")
    assert "raise --limit" not in register("search", "--limit", "4")


def test_a_model_file_is_found_by_its_digest(register, tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"model")

    assert numbers(register("search", "--file", tmp_path / "model.onnx", "--json")) == [1, 2, 3]


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("number", ["JJ-C-2026-0001", CASE])
def test_a_certificate_and_a_case_show_what_was_done(register, number, lang):
    shown = register("show", number, "--at", DAY, lang=lang)
    said = words(lang)

    assert shown.splitlines()[0].startswith("JJ-C-2026-0001")
    assert said.text("cli.register.condition", item="FAI-02", due="2026-06-01") in shown
    assert said.text("cli.register.event.opened") in shown
    assert "2026-05-04 12:01" in shown
    assert sha256(b"model") in shown


def test_a_certificate_says_what_it_replaces(register):
    assert "JJ-C-2024-0001" in register("show", "JJ-C-2026-0002")
    assert "replaces" not in register("show", "JJ-C-2026-0001")


def test_an_event_of_a_newer_program_is_shown_by_its_name(register):
    assert "unheard" in register("show", "JJ-2026-0003")


def test_show_for_machines(register):
    told = json.loads(register("show", "JJ-C-2026-0001", "--at", DAY, "--json"))

    assert (told["case"], [one["sequence"] for one in told["events"]]) == (CASE, [1, 2])
    assert told["certificates"][0]["status_at"] == {"day": DAY, "status": "active"}
    assert told["events"][0]["event"] == sha256(b"a")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_number_that_nobody_has_is_refused(run, folder, lang):
    ran = run("register", "show", "JJ-C-2026-0009", "--register", folder, lang=lang)

    assert (ran.status, ran.out) == (2, "")
    assert "JJ-C-2026-0009" in ran.err
    assert "reliability register list" in ran.err


def test_names_cannot_steer_the_terminal(run, tmp_path):
    with create(tmp_path / "r", prefix="JJ", register_id=REGISTER) as made:
        made.append([entry()], index=[certificate(organisation="온고을\x1b[2J", system="a\u202eb")])

    shown = run("register", "list", "--register", tmp_path / "r").out

    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_register_is_backed_up_and_made_again_with_its_papers(run, register, folder, tmp_path):
    told = json.loads(register("backup", "-o", tmp_path / "copy", "--json"))
    made = run("register", "create", tmp_path / "again", "--from", tmp_path / "copy")

    assert (told["rows"], made.status, made.err) == (4, 0, "")
    assert (tmp_path / "again" / "roster.json").read_bytes() == b"roster"
    with open_register(tmp_path / "again") as again, open_register(folder) as first:
        assert tuple(again.rows()) == tuple(first.rows())
        assert again.head().hash == told["head"]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_recover_says_what_it_finished_and_that_all_is_whole(run, folder, tmp_path, lang):
    import shutil

    shutil.copytree(folder, tmp_path / "r")
    (tmp_path / "r" / "files" / sha256(b"plan")).rename(tmp_path / "r" / "staged" / sha256(b"plan"))
    (tmp_path / "r" / "staged" / sha256(b"half")).write_bytes(b"ha")

    told = run("register", "recover", "--register", tmp_path / "r", "--json", lang=lang)
    again = run("register", "recover", "--register", tmp_path / "r", lang=lang)

    assert {"finished": 1, "removed": 1, "rows": 4}.items() <= json.loads(told.out).items()
    assert json.loads(told.out)["head"] in again.out


def test_recover_refuses_a_register_that_was_changed(run, folder, tmp_path):
    import shutil
    import sqlite3

    shutil.copytree(folder, tmp_path / "r")
    with sqlite3.connect(tmp_path / "r" / "register.sqlite") as edited:
        edited.execute("UPDATE events SET actor = 'Lee' WHERE sequence = 2")

    ran = run("register", "recover", "--register", tmp_path / "r")

    assert (ran.status, ran.out) == (2, "")
    assert "row 2 does not follow" in ran.err


def test_where_there_is_no_register_the_next_step_is_named(run, tmp_path):
    ran = run("register", "list", "--register", tmp_path, lang="ko")

    assert (ran.status, "reliability register create" in ran.err) == (2, True)


def leaves():
    return sorted(register_command.commands)


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("name", leaves())
def test_every_command_has_an_example_and_words_of_its_own(run, name, lang):
    ran = run("register", name, "--help", lang=lang)

    assert ran.status == 0
    assert f"reliability register {name}" in ran.out


@pytest.mark.parametrize("name", leaves())
def test_every_option_has_korean_help(name):
    said = words("ko")
    options = [one.name for one in register_command.commands[name].params if isinstance(one, click.Option)]

    assert [one for one in options if not said.first(f"cli.register_{name}.option.{one}", f"cli.option.{one}")] == []


def test_surveillance_is_what_is_due_within_three_months(register):
    assert register("surveillance", "--at", DAY) == register("list", "--due", 90, "--at", DAY)
    assert register("surveillance", "--days", 0, "--at", DAY) == register("list", "--due", 0, "--at", DAY)
