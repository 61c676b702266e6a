import pytest

from reliability.errors import RecordError
from reliability.register.files import Files
from tests.register.samples import sha256

ONE, OTHER = sha256(b"one"), sha256(b"other")


@pytest.fixture
def files(tmp_path):
    made = Files(folder=tmp_path)
    made.make()
    return made


def test_folders_are_made_once(files):
    files.stage(ONE, b"one")
    files.make()

    assert files.staged() == {ONE}


def test_a_staged_file_has_no_place_yet_but_can_be_read(files):
    files.stage(ONE, b"one")

    assert not files.has(ONE)
    assert files.read(ONE) == b"one"


def test_what_is_staged_moves_to_its_place_and_says_so(files):
    files.stage(ONE, b"one")

    assert files.place([ONE, OTHER]) == (ONE,)
    assert files.has(ONE)
    assert files.staged() == frozenset()


def test_placing_twice_moves_nothing_and_loses_nothing(files):
    files.stage(ONE, b"one")
    files.place([ONE])

    assert files.place([ONE]) == ()
    assert files.read(ONE) == b"one"


def test_a_file_that_moves_while_it_is_read_is_found(files, monkeypatch):
    from pathlib import Path

    files.stage(ONE, b"one")
    read = Path.read_bytes

    def moving(path):
        if path.parent.name == "staged":
            files.place([ONE])
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", moving)

    assert files.read(ONE) == b"one"


def test_what_is_unstaged_is_gone_and_the_rest_stays(files):
    files.stage(ONE, b"one")
    files.stage(OTHER, b"other")

    files.unstage([ONE, sha256(b"never")])

    assert files.staged() == {OTHER}


@pytest.mark.parametrize("name", [ONE, ONE.upper(), f"../staged/{ONE}", "register.json", "", "\x00"])
def test_nothing_is_read_by_another_name_than_a_digest(files, name):
    (files.folder / "register.json").write_bytes(b"{}")

    with pytest.raises(RecordError) as raised:
        files.read(name)
    assert raised.value.code == "register_file_missing"


@pytest.mark.parametrize("where", ["files", "staged"])
def test_a_changed_file_is_told_wherever_it_is(files, where):
    (files.folder / where / ONE).write_bytes(b"on")

    with pytest.raises(RecordError) as raised:
        files.read(ONE)
    assert raised.value.code == "register_file_changed"
