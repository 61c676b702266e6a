"""The register at hand: what lies in a folder, and what is no register however it looks."""

import json

import pytest

from reliability.certification.at_hand import Broken, Site, Whole, in_folder, on_site, refuse_none
from reliability.errors import RecordError, UsageError
from reliability.register.exports import export
from reliability.register.store import create, open_register
from tests.register.samples import REGISTER, course

PAPER, STATEMENT = "ab" * 32, "cd" * 32
ABOUT = {"register": REGISTER}


@pytest.fixture
def register(tmp_path):
    """A register of three rows, which nobody signed."""
    with create(tmp_path / "register", prefix="JJ", register_id=REGISTER) as made:
        made.append(course(b"opened", b"declared", b"accepted"))
    return tmp_path / "register"


def site(**files):
    """A published site by its files; `rows` and `about` as they are unless they are given."""
    there = {"register.json": json.dumps(ABOUT).encode(), "rows.jsonl": b"", "digests.json": b"{}"}
    there |= {name.replace("__", "/").replace("_json", ".json"): content for name, content in files.items()}
    return on_site(there.get)


def test_the_register_itself_is_live_and_a_copy_is_not(register, tmp_path):
    with open_register(register) as opened:
        export(opened, tmp_path / "copy")
    itself, copy = in_folder(register), in_folder(tmp_path / "copy")

    assert (type(itself), itself.live, len(itself.rows)) == (Whole, True, 3)
    assert (type(copy), copy.live, copy.rows, copy.register) == (Whole, False, itself.rows, itself.register)
    assert itself.checkpoint is copy.checkpoint is None


def test_a_copy_beside_a_registers_own_file_is_read_as_a_copy(register, tmp_path):
    with open_register(register) as opened:
        export(opened, tmp_path / "copy")
    (tmp_path / "copy" / "rows.jsonl").write_bytes(b"")

    assert isinstance(in_folder(tmp_path / "copy"), Whole)


@pytest.mark.parametrize("there", [[], ["index.html"], ["checkpoint.dsse.json"], ["digests.json"]])
def test_a_folder_without_a_register_has_none(tmp_path, there):
    for name in there:
        (tmp_path / name).write_text("{}", encoding="utf-8")

    assert in_folder(tmp_path) is None
    with pytest.raises(UsageError) as caught:
        refuse_none(in_folder(tmp_path), tmp_path)
    assert (caught.value.code, caught.value.values["path"]) == ("register_none_at_hand", tmp_path)


def test_a_folder_that_is_not_there_or_is_a_file_has_no_register(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")

    assert in_folder(tmp_path / "nowhere") is None
    assert in_folder(tmp_path / "file") is None


def test_what_was_found_is_handed_on(register):
    found = in_folder(register)

    assert refuse_none(found, register) is found


def test_a_site_in_a_folder_is_read_as_it_is_read_from_the_net(tmp_path):
    (tmp_path / "register.json").write_text(json.dumps(ABOUT), encoding="utf-8")
    (tmp_path / "rows.jsonl").write_bytes(b"")

    found = in_folder(tmp_path)
    assert (type(found), found.register, found.rows, found.checkpoint) == (Site, REGISTER, (), None)


@pytest.mark.parametrize("about", [b"", b"[]", b"{", b'{"register": 1}', b"{}", b"[" * 100_000])
def test_a_site_that_does_not_say_which_register_it_is_of_is_none(about):
    with pytest.raises(RecordError) as caught:
        site(register_json=about)
    assert (caught.value.code, caught.value.values["name"]) == ("site_unreadable", "register.json")


def test_a_site_without_rows_is_none():
    with pytest.raises(RecordError) as caught:
        on_site({"register.json": json.dumps(ABOUT).encode()}.get)
    assert caught.value.values["name"] == "rows.jsonl"


def test_rows_that_do_not_follow_one_another_are_a_broken_register():
    found = on_site({"register.json": json.dumps(ABOUT).encode(), "rows.jsonl": b'{"sequence": 1}\n'}.get)

    assert isinstance(found, Broken)
    assert found.error.code == "chain_row_broken"


def test_a_paper_leads_to_its_certificate_and_every_number_is_told_once():
    digests = {PAPER: "JJ-C-2026-0002", STATEMENT: "JJ-C-2026-0001", "ef" * 32: "JJ-C-2026-0002"}
    found = site(digests_json=json.dumps(digests).encode())

    assert (found.number_of(PAPER), found.number_of("00" * 32)) == ("JJ-C-2026-0002", None)
    assert found.numbers() == ("JJ-C-2026-0001", "JJ-C-2026-0002")


@pytest.mark.parametrize("digests", [b"[]", b'"x"', b"1", json.dumps({PAPER: 1, STATEMENT: None}).encode()])
def test_digests_of_another_shape_lead_nowhere(digests):
    found = site(digests_json=digests)

    assert (found.number_of(PAPER), found.numbers()) == (None, ())


@pytest.mark.parametrize("digests", [b"", b"{", b"\xff"])
def test_digests_that_cannot_be_read_are_said(digests):
    with pytest.raises(RecordError) as caught:
        site(digests_json=digests).number_of(PAPER)
    assert caught.value.values["name"] == "digests.json"


@pytest.mark.parametrize("number", [
    "../register", "a/b", "JJ-C-2026-0001/../../x", "", "jj", "JJ C", "JJ\n", "A" * 61, "JJ-C-2026-0001.json",
])  # fmt: skip
def test_a_number_that_is_none_names_no_file(number):
    asked = []

    def read(name):
        asked.append(name)
        return {"register.json": json.dumps(ABOUT).encode(), "rows.jsonl": b""}.get(name)

    found = on_site(read)
    before = len(asked)
    assert found.status(number) is None
    assert asked[before:] == []


def test_a_status_is_the_file_of_its_number():
    assert site(**{"certificates__JJ-C-2026-0001_json": b"signed"}).status("JJ-C-2026-0001") == b"signed"
    assert site().status("JJ-C-2026-0001") is None
