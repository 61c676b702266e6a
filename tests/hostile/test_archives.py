"""Archives as submissions: taken whole when they are plain, refused whole when anything in them is not."""

import gc
import hashlib
import io
import stat
import struct
import tarfile
import zipfile

import pytest

from reliability.errors import SubmissionError
from reliability.worker import archives, landlock
from reliability.worker.archives import checked
from reliability.worker.handing_in import Files, handed_in
from reliability.worker.intake import Intake
from tests.small_case import HANDED_IN, MANIFEST, table

CSV = table(40).to_pandas().to_csv(index=False).encode()
YAML = (MANIFEST.replace("EVALUATION", "data.csv") + HANDED_IN).encode()
GOOD = {"submission.yaml": YAML, "data.csv": CSV}


@pytest.fixture(scope="module")
def intake():
    files = Files()
    return lambda path: files.unpacked(path)


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Where archives are unpacked to."""
    (tmp_path / "places").mkdir()
    monkeypatch.setattr(archives.tempfile, "tempdir", str(tmp_path / "places"))
    return tmp_path / "places"


def zipped(files, *, compression=zipfile.ZIP_DEFLATED) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", compression) as archive:
        for name, content in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, content)
    return raw.getvalue()


def tarred(*members, **files) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as archive:
        for name, content in ({**GOOD, **files}).items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for member in members:
            archive.addfile(member)
    return raw.getvalue()


def link(name, kind=tarfile.SYMTYPE, target="/etc/passwd"):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def zip_link(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def below(folder):
    return {f"{folder}/{name}": content for name, content in GOOD.items()}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("s.zip", zipped(GOOD)), ("s.zip", zipped(below("제출물"))), ("s.tar.gz", tarred()), ("s.tgz", tarred()),
        ("s.zip", zipped([("a/", b""), *below("a").items()])),
        ("S.ZIP", zipped({f"./{name}": content for name, content in GOOD.items()})),
    ],
)  # fmt: skip
def test_plain_archive_is_a_submission_and_its_folder_goes_with_it(confined, tmp_path, places, name, content):
    (tmp_path / name).write_bytes(content)

    read = handed_in(tmp_path / name)

    assert (read.evaluation.rows, read.manifest.organisation.name) == (40, "온고을신용")
    assert sum(block.n for block in read.evaluation.blocks()) == 40
    assert (read.intake.archive.path, read.intake.archive.sha256) == (name, hashlib.sha256(content).hexdigest())
    (place,) = places.iterdir()
    assert place.stat().st_mode & 0o077 == 0
    del read
    gc.collect()
    assert list(places.iterdir()) == []


def damaged_size(content: bytes) -> bytes:
    """The first file says in the directory that it is longer than it is."""
    at = content.index(b"PK\x01\x02")
    return content[: at + 24] + struct.pack("<I", 99_999) + content[at + 28 :]


REFUSED = {
    "up.zip": (zipped({**GOOD, "../evil": b"x"}), "archive_path"),
    "deep up.zip": (zipped({**GOOD, "a/b/../../../evil": b"x"}), "archive_path"),
    "absolute.zip": (zipped({**GOOD, "/etc/cron.d/evil": b"x"}), "archive_path"),
    "drive.zip": (zipped({**GOOD, "C:evil": b"x"}), "archive_path"),
    "backslash.zip": (zipped({**GOOD, "..\\evil": b"x"}), "archive_path"),
    "control.zip": (zipped({**GOOD, "a\x1b[2J": b"x"}), "archive_path"),
    "empty part.zip": (zipped({**GOOD, "a//b": b"x"}), "archive_path"),
    "dot.zip": (zipped({**GOOD, "a. ": b"x"}), "archive_path"),
    "long.zip": (zipped({**GOOD, "가" * 100: b"x"}), "archive_path"),
    "deep.zip": (zipped({**GOOD, "a/" * 20 + "b": b"x"}), "archive_path"),
    "link.zip": (zipped([*GOOD.items(), (zip_link("out"), b"/etc")]), "archive_link"),
    "case.zip": (zipped({**GOOD, "DATA.csv": b"x"}), "archive_twice"),
    "composed.zip": (zipped({**GOOD, "\u1100\u1161": b"x", "\uac00": b"y"}), "archive_twice"),
    "folder and file.zip": (zipped({**GOOD, "a": b"x", "A/b": b"y"}), "archive_twice"),
    "nested.zip": (zipped({**GOOD, "inner.zip": zipped(GOOD)}), "archive_nested"),
    "nested tar.zip": (zipped({**GOOD, "inner.tar.GZ": b""}), "archive_nested"),
    "bomb.zip": (zipped({**GOOD, "zeros.bin": bytes(64 << 20)}), "archive_large"),
    "many.zip": (zipped({**GOOD, **{f"f{n}": b"" for n in range(10_001)}}), "archive_large"),
    "cut.zip": (zipped(GOOD)[:-40], "archive_damaged"),
    "none.zip": (b"no archive", "archive_damaged"),
    "longer.zip": (damaged_size(zipped(GOOD)), "archive_damaged"),
    "up.tar.gz": (tarred(**{"../evil": b"x"}), "archive_path"),
    "link.tar.gz": (tarred(link("out")), "archive_link"),
    "hard link.tar.gz": (tarred(link("out", tarfile.LNKTYPE, "data.csv")), "archive_link"),
    "device.tar.gz": (tarred(link("null", tarfile.CHRTYPE)), "archive_link"),
    "pipe.tar.gz": (tarred(link("pipe", tarfile.FIFOTYPE)), "archive_link"),
    "case.tar.gz": (tarred(**{"Data.CSV": b"x"}), "archive_twice"),
    "bomb.tar.gz": (tarred(**{"zeros.bin": bytes(64 << 20)}), "archive_large"),
    "cut.tar.gz": (tarred(**{"more.bin": bytes(range(256)) * 900})[:-300], "archive_damaged"),
    "none.tar.gz": (b"\x1f\x8b no archive", "archive_damaged"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_archive_is_refused_whole(confined, intake, tmp_path, places, name):
    content, code = REFUSED[name]
    (tmp_path / name).write_bytes(content)
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(SubmissionError) as caught:
        intake(tmp_path / name)

    assert caught.value.code == code
    assert str(caught.value).startswith(f"{name}: ")
    assert "\x1b" not in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before
    assert not list(tmp_path.parent.glob("evil*"))


def test_duplicate_name_is_refused(confined, intake, tmp_path, places):
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = zipped([*GOOD.items(), ("data.csv", b"other")])
    (tmp_path / "s.zip").write_bytes(content)

    with pytest.raises(SubmissionError) as caught:
        intake(tmp_path / "s.zip")
    assert caught.value.code == "archive_twice"


def test_archive_that_is_another_after_it_was_unpacked_is_refused(confined, intake, tmp_path, places, monkeypatch):
    (tmp_path / "s.zip").write_bytes(zipped(GOOD))
    digests = iter(["ab", "cd"])
    monkeypatch.setattr(archives, "digest", lambda path: next(digests))

    with pytest.raises(SubmissionError) as caught:
        intake(tmp_path / "s.zip")
    assert (caught.value.code, list(places.iterdir())) == ("data_changed", [])


def test_archive_is_not_unpacked_where_nothing_confines(confined, tmp_path, monkeypatch, places):
    monkeypatch.setattr(Intake, "level", landlock.PROCESS)
    (tmp_path / "s.zip").write_bytes(zipped(GOOD))

    with pytest.raises(SubmissionError) as caught:
        handed_in(tmp_path / "s.zip")
    assert (caught.value.code, list(places.iterdir())) == ("archive_unconfined", [])


def test_command_refuses_a_hostile_archive_in_one_line(confined, run, tmp_path, places):
    (tmp_path / "s.zip").write_bytes(REFUSED["up.zip"][0])

    done = run("inspect", tmp_path / "s.zip", lang="ko")

    assert done.status == 2
    assert "'../evil'" in done.err
    assert list(places.iterdir()) == []


@pytest.mark.parametrize("said", [None, {}, [1], [["a"]], [["a", "1", "file"]], [["a", -1, "file"]], [["a", 1, None]]])
def test_list_of_a_reader_that_lies_is_refused(said):
    with pytest.raises(SubmissionError) as caught:
        checked(said, size=10, where="s.zip")
    assert caught.value.code == "archive_damaged"


@pytest.mark.parametrize("name", ["", "/", ".", "..", "./", "a/./b", "a/", "\ud800", "a\x00b", "nul\x7f"])
def test_name_that_is_no_name_is_refused_wherever_it_comes_from(name):
    with pytest.raises(SubmissionError) as caught:
        checked([[name, 1, "file"]], size=10, where="s.zip")
    assert caught.value.code == "archive_path"


def test_folders_may_be_named_again_and_again():
    said = [["a/", 0, "folder"], ["a/b/", 0, "folder"], ["a/", 0, "folder"], ["a/b/c", 1, "file"], ["./", 0, "folder"]]

    assert [member.name for member in checked(said, size=10, where="s.zip")] == ["a/b/c"]


def test_limits_are_those_that_are_named(monkeypatch):
    most = archives._FLOOR
    assert checked([["a", most, "file"]], size=1, where="s.zip")[0].size == most

    for said, size in [([["a", most + 1, "file"]], 1), ([["a", archives.MOST_BYTES + 1, "file"]], 1 << 40)]:
        with pytest.raises(SubmissionError) as caught:
            checked(said, size=size, where="s.zip")
        assert caught.value.code == "archive_large"
