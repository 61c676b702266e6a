"""Documents that find no room: nothing is issued where that shows before, and whoever issued is told where they are."""

import subprocess

import pytest

from tests.certification import hub as made
from tests.certification.conftest import hub_template  # noqa: F401  (a fixture)
from tests.cli.test_certify import ASSESSMENT, case, certify, hub  # noqa: F401  (fixtures)


@pytest.fixture
def issue(certify, hub, case, tmp_path):  # noqa: F811  (fixtures' own names)
    made.ran(hub, case, ASSESSMENT)
    made.reviewed(hub, case)
    made.decided(hub, case)
    (tmp_path / "issuer.yaml").write_text("name: 전주 허브\naddress: 전주시\n", encoding="utf-8")
    return lambda out: certify(
        "jung", "issue", case, "--seal", hub.folder / "keys/seal", "--seal-passphrase-env", "SECRET",
        "--issuer", tmp_path / "issuer.yaml", "--site", made.SITE, "--out", out,
    )  # fmt: skip


def test_nothing_is_issued_where_there_is_no_place_for_the_documents(issue, hub, case, tmp_path):  # noqa: F811
    (tmp_path / "file").write_text("x")

    assert issue(tmp_path / "file" / "papers").status == 2
    assert hub.history(case).issued is None


@pytest.fixture
def small(tmp_path):
    """A disk of 64 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no small disk can be mounted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_who_issued_on_a_full_disk_is_told_how_to_have_the_documents(issue, run, hub, case, small, tmp_path):  # noqa: F811
    ended = issue(small / "papers")

    assert ended.status == 2
    assert "JJ-C-2026-0001 was issued" in ended.err
    assert list(small.iterdir()) == []
    again = run("certify", "papers", "JJ-C-2026-0001", "--register", hub.register, "--out", tmp_path / "papers")
    assert (again.status, len(list((tmp_path / "papers").iterdir()))) == (0, 3)
