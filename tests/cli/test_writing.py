import json
import os
from datetime import date, datetime

import pytest

from reliability.cli.writing import believed, write_report, write_whole
from reliability.errors import RecordError, ReliabilityError, UsageError
from reliability.records import canonical_json
from tests.small_case import assessed, checklist, handed_in

ASKED = {
    "lang": "en", "today": date(2026, 1, 2), "kind": "consulting", "form": None, "issuer": None, "number": None,
    "issued": None, "amends": None, "reason": None, "document": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("writing")
    assessed(handed_in(folder / "in"), checklist(folder / "list"), folder / "case")
    return folder / "case"


def tampered(case, folder, **update):
    record = json.loads((case / "assessment.json").read_bytes()) | update
    path = folder / "assessment.json"
    path.write_bytes(canonical_json(record))
    return path


def test_report_is_written_by_the_ending_of_its_name(case, tmp_path):
    written = write_report(case, tmp_path / "r.html", **ASKED)

    assert written.read_bytes().startswith(b"<!DOCTYPE html>")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.html"]


def test_report_with_an_unknown_ending_is_refused(case, tmp_path):
    with pytest.raises(UsageError, match=r"name it \.pdf or \.html"):
        write_report(case, tmp_path / "r.doc", **ASKED)


def test_numbered_report_leaves_its_document_record_and_the_same_bytes_come_again_from_it(case, tmp_path):
    first = write_report(case, tmp_path / "r.html", **ASKED | {"number": "R-1"})
    record = tmp_path / "r.document.json"
    again = write_report(case, tmp_path / "again.html", **ASKED | {"document": record, "today": date(2030, 1, 1)})

    assert json.loads(record.read_bytes())["issued"] == "2026-01-02"
    assert again.read_bytes() == first.read_bytes()


@pytest.mark.parametrize("outcome", ["conforms", "conforms_with_conditions"])
def test_report_of_a_record_whose_outcome_was_changed_is_refused(case, tmp_path, outcome):
    path = tampered(case, tmp_path, outcome=outcome)

    with pytest.raises(RecordError, match="outcome does not follow"):
        write_report(path, tmp_path / "r.html", **ASKED)

    assert not (tmp_path / "r.html").exists()


def test_record_without_findings_is_not_believed(case, tmp_path):
    with pytest.raises(RecordError, match=r"finding .* does not follow"):
        believed(tampered(case, tmp_path, findings=[]))


def test_genuine_record_is_believed(case):
    assert believed(case).outcome == "undetermined"


def test_file_is_replaced_whole(tmp_path):
    path = tmp_path / "deep" / "file"
    write_whole(path, b"one")
    write_whole(path, b"two")

    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_ordinary_file_is_never_replaced(tmp_path, kind):
    path = tmp_path / "there"
    path.mkdir() if kind == "folder" else os.mkfifo(path)

    with pytest.raises(UsageError, match="not an ordinary file"):
        write_whole(path, b"x")

    assert path.is_dir() or path.is_fifo()


def test_file_that_cannot_be_written_is_one_line_and_leaves_nothing(tmp_path):
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(RecordError, match="could not be written"):
        write_whole(tmp_path / "file" / "below", b"x")

    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_number_without_an_issuer_is_dated_today(case, tmp_path):
    write_report(case, tmp_path / "r.html", **ASKED | {"number": "R-9"})
    record = json.loads((tmp_path / "r.document.json").read_bytes())

    assert (record["number"], record["issued"], record["issuer"]) == ("R-9", "2026-01-02", None)


@pytest.mark.parametrize(("kind", "lang"), [("consulting", "ko"), ("test", "en")])
def test_document_record_keeps_kind_and_language_of_its_report(case, tmp_path, kind, lang):
    first = write_report(case, tmp_path / "a.html", **ASKED | {"number": "R-1", "kind": kind, "lang": lang})
    other = {"kind": "test", "lang": "en"} if kind == "consulting" else {"kind": "consulting", "lang": "ko"}
    again = write_report(case, tmp_path / "b.html", **ASKED | other | {"document": tmp_path / "a.document.json"})

    assert again.read_bytes() == first.read_bytes()
    assert not (tmp_path / "b.document.json").exists()


def test_amended_report_names_what_it_replaces_and_why(case, tmp_path):
    asked = {"number": "R-2", "amends": "R-1", "reason": "표본을 다시 셌음", "issued": datetime(2026, 3, 4)}
    written = write_report(case, tmp_path / "r.html", **ASKED | asked)
    record = json.loads((tmp_path / "r.document.json").read_bytes())

    assert record["issued"] == "2026-03-04"
    assert "R-1" in json.dumps(record["amends"])
    assert [one for one in ("R-1", "표본을 다시 셌음") if one not in written.read_text("utf-8")] == []


@pytest.mark.parametrize("given", [{"amends": "R-1"}, {"reason": "why"}])
def test_amendment_is_refused_without_its_other_half(case, tmp_path, given):
    with pytest.raises(ReliabilityError, match="number and the reason"):
        write_report(case, tmp_path / "r.html", **ASKED | {"number": "R-2"} | given)

    assert list(tmp_path.iterdir()) == []


def test_format_that_is_asked_for_wins_over_the_ending(case, tmp_path):
    written = write_report(case, tmp_path / "report.txt", **ASKED | {"form": "html"})

    assert written.read_bytes().startswith(b"<!DOCTYPE html>")


@pytest.mark.parametrize("name", ["r.htm", "R.HTML", "보고서.html"])
def test_ending_is_read_in_any_case(case, tmp_path, name):
    assert write_report(case, tmp_path / name, **ASKED).name == name


def test_issuer_stands_in_report_and_record(case, tmp_path):
    (tmp_path / "issuer.yaml").write_text("name: 전북신뢰성평가원\naddress: 전주시\n", encoding="utf-8")
    written = write_report(case, tmp_path / "r.html", **ASKED | {"issuer": tmp_path / "issuer.yaml", "lang": "ko"})

    assert "전북신뢰성평가원" in written.read_text("utf-8")
    assert json.loads((tmp_path / "r.document.json").read_bytes())["issuer"]["name"] == "전북신뢰성평가원"


def test_report_without_issuer_says_that_it_was_not_issued(case, tmp_path):
    assert "발급 정보 없음" in write_report(case, tmp_path / "r.html", **ASKED | {"lang": "ko"}).read_text("utf-8")


@pytest.mark.parametrize("verdict", ["pass", "conditional_pass", "not_applicable"])
def test_record_with_a_verdict_that_was_raised_is_not_believed(case, tmp_path, verdict):
    findings = json.loads((case / "assessment.json").read_bytes())["findings"]
    raised = [one | {"verdict": verdict} if one["item"] == "ROB-01" else one for one in findings]

    with pytest.raises(RecordError, match=r"ROB-01.* does not follow"):
        believed(tampered(case, tmp_path, findings=raised))
