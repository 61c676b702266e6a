"""docs/certification.md, typed as it stands: two applications from the first step to the last, and what they leave."""

import os
import re
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from reliability.certification.desk import open_desk
from reliability.cli.clock import now
from reliability.register.searching import Search
from reliability.words.text import words
from tests.acceptance.conftest import ROOT

PAGE = ROOT / "docs" / "certification.md"
MOST_SECONDS = 150  # CPU
PATIENCE_S = 3_000
HANGUL = re.compile("[가-힣]")
# What the shell calls where the document says `reliability`: the same, with a note of how it ended.
NOTED = """
reliability() {
  local status=0 note; note=$NOTES/$(printf %03d "$(ls "$NOTES" | grep -c 'args$')")
  printf '%s\\n' "$@" > "$note.args"
  command reliability "$@" > "$note.out" 2> "$note.err" || status=$?
  echo $status > "$note.status"
  cat "$note.out"; cat "$note.err" >&2
  return $status
}
"""
OPENED = ["opened", "declared", "declared", "declared", "accepted", "planned", "tested", "reviewed", "decided"]


@dataclass(frozen=True, kw_only=True)
class Done:
    """A command of the document: what was typed, how it ended, what it said."""

    typed: tuple[str, ...]
    status: int
    out: str
    err: str


@dataclass(frozen=True, kw_only=True)
class Way:
    """The script when it has ended."""

    status: int
    cpu_s: float
    commands: tuple[Done, ...]
    folder: Path
    told: str

    def of(self, *typed):
        """The commands that begin so, in order."""
        return [one for one in self.commands if one.typed[: len(typed)] == typed]

    def statuses(self, *typed):
        """How they ended."""
        return [one.status for one in self.of(*typed)]

    def desk(self):
        """The register that was left."""
        return open_desk(self.folder / "register", now=now())

    def histories(self):
        """The two cases."""
        desk = self.desk()
        return [desk.history(case) for case in sorted({row.entry.case for row in desk.register.rows()})]


@pytest.fixture(scope="module")
def way(tmp_path_factory):
    """The blocks of the document as one script, run once; the file's tests stay on one worker (--dist=loadfile)."""
    tmp = tmp_path_factory.mktemp("way")
    notes = tmp / "notes"
    notes.mkdir()
    (tmp / "noted.sh").write_text(NOTED, encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    (tmp / "way.sh").write_text("\n".join(blocks), encoding="utf-8")
    found = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    surroundings = {**os.environ, "PATH": found, "TMPDIR": str(tmp), "BASH_ENV": str(tmp / "noted.sh"),
                    "NOTES": str(notes), "LC_ALL": "C.UTF-8"}  # fmt: skip
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run(
        ["bash", tmp / "way.sh"], cwd=ROOT, env=surroundings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    commands = tuple(noted(one) for one in sorted(notes.glob("*.args")))
    print(f"{len(commands)} commands, {cpu:.0f} s CPU")
    [folder] = [one.parent for one in tmp.glob("*/register")]
    return Way(status=ran.returncode, cpu_s=cpu, commands=commands, folder=folder, told=ran.stdout)


def noted(typed):
    content = {one: typed.with_suffix(f".{one}").read_text(encoding="utf-8") for one in ("args", "out", "err")}
    status = int(typed.with_suffix(".status").read_text(encoding="ascii"))
    return Done(typed=tuple(content["args"].splitlines()), status=status, out=content["out"], err=content["err"])


def sentence(key):
    """What a sentence of `verify` looks like, whatever its values."""
    text = re.escape(words("en").text(f"verify.sentence.{key}"))
    return re.compile(re.sub(r"\\\{\w+\\\}", ".*", text).replace(r"\ ", r"\s+"))


def test_the_whole_way_ends_as_the_document_says(way):
    assert way.status == 0, way.told[-3_000:]
    assert way.cpu_s <= MOST_SECONDS


def test_every_command_of_the_families_that_the_document_is_about_is_typed(way):
    typed = {one.typed[:2] for one in way.commands}

    assert {("keys", one) for one in ("root", "request", "sign", "install", "trust")} <= typed
    assert {
        ("certify", one) for one in "roster open declare accept plan test review decide issue surveil show".split()
    } <= typed
    assert {("register", one) for one in (
        "create", "checkpoint", "countersign", "suspend", "restore", "renew", "withdraw", "publish", "backup", "show",
    )} <= typed  # fmt: skip


def test_only_what_is_said_to_end_otherwise_does(way):
    ended = [
        (one.typed[0], one.typed[1], one.status) for one in way.commands if one.status and one.typed[0] != "verify"
    ]

    assert ended == [("certify", "test", 1), ("certify", "decide", 2), ("certify", "decide", 1)]


def test_five_people_act_in_both_cases_each_with_a_key_of_their_own(way):
    for history in way.histories():
        serials = {one.event.actor.person: one.event.actor.serial for one in history.events}
        assert set(serials) == {"kim", "lee", "park", "choi", "jung"}
        assert len(set(serials.values())) == 5


def test_the_first_application_ends_in_a_reasoned_refusal(way):
    refused, _ = way.histories()

    assert [one.kind for one in refused.events] == OPENED
    assert refused.latest("tested").body.outcome == "does_not_conform"
    assert refused.latest("reviewed").body.nonconformities[0].item == "FAI-03"
    assert refused.latest("decided").body.decision == "refuse"
    assert all(HANGUL.search(reason) for reason in refused.latest("decided").body.reasons)
    assert refused.issued is None


def test_the_second_is_granted_and_lives_through_everything_that_can_happen(way):
    _, granted = way.histories()

    assert [one.kind for one in granted.events] == [
        *OPENED, "issued", "suspended", "restored", "tested", "surveilled", "reviewed", "decided", "issued",
        "withdrawn",
    ]  # fmt: skip
    assert [one.body.outcome for one in granted.of("tested")] == ["conforms", "conforms"]
    assert [one.body.decision for one in granted.of("decided")] == ["grant", "renew"]
    assert [one.body.revision for one in granted.of("issued")] == [1, 2]
    surveilled = granted.latest("surveilled").body
    assert (surveilled.within_scope, surveilled.moved) == (True, ())


def test_the_register_holds_the_one_certificate_withdrawn(way):
    [found] = way.desk().register.certificates(Search())

    assert (found.status, found.revision, found.lang) == ("withdrawn", 2, "en")
    assert found.number in way.of("register", "show")[0].out
    # The events of both cases, believed one by one by the trust file alone.
    assert len(way.desk().events) == sum(len(history.events) for history in way.histories())


def test_verify_says_what_became_of_it_each_time(way):
    met = [(one.status, one.out) for one in way.of("verify")]
    expected = [
        (3, "time_unproven"), (0, "in_force"), (4, "other_model"), (4, "not_genuine"), (3, "issuer_unknown"),
        (2, "unreadable"), (1, "not_in_force.suspended"), (0, "in_force"), (0, "in_force"),
        (1, "not_in_force.replaced"), (1, "not_in_force.withdrawn"), (1, "not_in_force.withdrawn"), (0, "whole"),
    ]  # fmt: skip

    assert [status for status, _ in met] == [status for status, _ in expected]
    for (_, out), (_, key) in zip(met, expected, strict=True):
        assert sentence(key).search(out), (key, out)


def test_the_first_way_speaks_korean_and_the_second_english(way):
    cases = [one for one in way.commands if "--lang" in one.typed and one.typed[1] != "show"]

    for one in cases:
        korean = bool(HANGUL.search(one.out + one.err))
        assert korean == (one.typed[one.typed.index("--lang") + 1] == "ko"), one


def test_every_step_names_the_next_and_who_takes_it(way):
    first = [one for one in way.of("certify") if "--lang" in one.typed][:9]
    later = [one for one in way.commands if one.typed[1] in ("surveil", "renew") or {"--run", "2"} <= {*one.typed}]

    assert ["이해상충" in one.err for one in first] == [True] * 3 + [False] * 6
    assert "(choi)" in first[2].err
    assert "(park)" not in first[2].err
    for done, following in (*zip(first[3:], ["accept", "plan", "test", "review", "decide"], strict=False),
                            *zip(later, ["review", "decide", "renew"], strict=False)):  # fmt: skip
        assert re.search(rf"reliability \w+ {following} ", done.err.splitlines()[-1]), (done, following)


def test_a_refusal_is_worded_without_codes(way):
    [refused] = [one for one in way.of("certify", "decide") if one.status == 2]

    assert "기준 미충족" in refused.err
    assert not re.search("[a-z]", refused.err), refused.err


def test_papers_site_and_copy_are_left(way):
    for folder in ("papers", "papers-renewed"):
        names = sorted(one.name for one in (way.folder / folder).iterdir())
        assert [name.split("-")[0] for name in names if name.endswith(".pdf")] == ["certificate", "test"]
    assert list((way.folder / "site").rglob("*.html"))
    assert (way.folder / "backup" / "events.jsonl").is_file()


def test_pass_phrases_stand_in_no_output_and_in_no_file_that_is_handed_on(way):
    assert "four quiet words" not in way.told
    handed_on = [one for name in ("register", "site", "backup", "papers") for one in (way.folder / name).rglob("*")]
    assert not [one for one in handed_on if one.is_file() and b"PRIVATE KEY" in one.read_bytes()]
