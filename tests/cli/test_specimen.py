import json

import pytest
from click.testing import CliRunner

from reliability.cli.main import commands
from reliability.records import canonical_json
from tests.reports.certified import URL, certified
from tests.small_case import assessed, checklist, handed_in


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("specimen")
    assessed(handed_in(folder / "in"), checklist(folder / "list"), folder / "case")
    return folder / "case"


def report(case, output, *more):
    given = ["report", str(case), "--kind", "certificate", "--lang", "en", "-o", str(output), *map(str, more)]
    return CliRunner().invoke(commands, given)


def test_report_writes_a_specimen(case, tmp_path):
    done = report(case, tmp_path / "c.html")

    assert (done.exit_code, [path.name for path in tmp_path.iterdir()]) == (0, ["c.html"])
    assert 'class="sheet specimen en"' in (tmp_path / "c.html").read_text("utf-8")


def test_issuer_of_a_specimen_issues_nothing(case, tmp_path):
    (tmp_path / "issuer.yaml").write_text("name: Hub of Jeonbuk\n", encoding="utf-8")
    done = report(case, tmp_path / "c.html", "--issuer", tmp_path / "issuer.yaml")

    assert (done.exit_code, sorted(path.name for path in tmp_path.iterdir())) == (0, ["c.html", "issuer.yaml"])
    assert "Hub of Jeonbuk" in (tmp_path / "c.html").read_text("utf-8")


def test_document_of_a_certificate_gives_a_specimen_too(case, tmp_path):
    (tmp_path / "document.json").write_bytes(canonical_json(certified()))
    done = report(case, tmp_path / "c.html", "--document", tmp_path / "document.json")
    written = (tmp_path / "c.html").read_text("utf-8")

    assert done.exit_code == 0
    assert "sheet specimen" in written
    assert URL not in written
    assert "VR-2026-00417" not in written


@pytest.mark.parametrize(
    "option",
    [("--number", "VR-1"), ("--issued", "2026-11-20"), ("--amends", "VR-1", "--reason", "x"), ("--reason", "x")],
    ids=lambda option: option[0],
)
def test_specimen_is_refused_what_only_a_certificate_has(case, tmp_path, option):
    done = report(case, tmp_path / "c.html", *option)

    assert getattr(done.exception, "code", None) == "specimen_only"
    assert list(tmp_path.iterdir()) == []


def test_specimen_is_told_by_its_digest(case, tmp_path):
    done = report(case, tmp_path / "c.html", "--json")

    assert json.loads(done.stdout)["written"].endswith("c.html")
