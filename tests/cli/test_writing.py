import json
from datetime import date, datetime

import pytest
from click.testing import CliRunner

from reliability.cli.main import commands
from reliability.cli.writing import believed, current_screening, write_report
from reliability.errors import RecordError, ReliabilityError, UsageError
from reliability.records import canonical_json
from reliability.screening.inputs import read_inputs
from reliability.screening.screen import screen
from reliability.screening.used import LARGEST
from reliability.words.text import LANGUAGES, words
from tests.screening.credit import CREDIT
from tests.screening.sheets import inputs, sheet, submission
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
    with pytest.raises(UsageError, match=r"name it \.pdf, \.html, \.xml"):
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


@pytest.fixture
def screened(tmp_path):
    """A submission's folder with its screening, worked out from the lender's answers."""
    found = inputs(tmp_path / "in")
    (tmp_path / "in" / "screening.json").write_bytes(canonical_json(screen(found, date="2026-11-28")))
    return tmp_path / "in"


SCREENING = ASKED | {"kind": "screening"}


@pytest.mark.parametrize("name", ["", "submission.yaml"])
def test_screening_report_is_written_from_a_submission(screened, tmp_path, name):
    written = write_report(screened / name, tmp_path / "out" / "s.html", **SCREENING)

    assert "Likely to be high-impact AI" in written.read_text("utf-8")
    assert [path.name for path in written.parent.iterdir()] == ["s.html"]


def test_submission_without_a_screening_names_the_command_that_makes_one(tmp_path):
    folder = submission(tmp_path / "in")

    with pytest.raises(RecordError, match=r"no screening\.json; run 'reliability screen .*in' first") as caught:
        write_report(folder, tmp_path / "s.html", **SCREENING)

    assert caught.value.code == "screening_not_there"
    assert not (tmp_path / "s.html").exists()


def outdate_answers(folder):
    (folder / "screening_answers.yaml").write_text(sheet({**CREDIT, "harm": "grave"}), encoding="utf-8")


def outdate_version(folder):
    manifest = folder / "submission.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace('version: "1.0"', 'version: "1.1"'), encoding="utf-8")


def tamper(folder):
    record = json.loads((folder / "screening.json").read_bytes())
    record["kr"]["status"] = "not_high_impact"
    (folder / "screening.json").write_bytes(canonical_json(record))


def break_off(folder):
    (folder / "screening.json").write_bytes(b'{"screening": 1')


def swell(folder):
    (folder / "screening.json").write_bytes(b" " * (LARGEST + 1))


@pytest.mark.parametrize("change", [outdate_answers, outdate_version, tamper, break_off, swell])
def test_screening_that_is_not_what_the_submission_says_is_refused_with_the_next_step(screened, tmp_path, change):
    change(screened)

    with pytest.raises(RecordError, match=r"say now; run 'reliability screen .*in'") as caught:
        write_report(screened, tmp_path / "s.html", **SCREENING)

    assert caught.value.code == "screening_outdated"
    assert not (tmp_path / "s.html").exists()


def test_screening_that_lies_elsewhere_is_refused(screened, tmp_path):
    (screened / "screening.json").rename(tmp_path / "elsewhere.json")
    (screened / "screening.json").symlink_to(tmp_path / "elsewhere.json")

    with pytest.raises(ReliabilityError, match="leaves the submission's folder"):
        write_report(screened, tmp_path / "s.html", **SCREENING)


def test_numbered_screening_report_comes_again_from_its_document_record(screened, tmp_path):
    first = write_report(screened, tmp_path / "a.html", **SCREENING | {"number": "SR-1", "lang": "ko"})
    record = tmp_path / "a.document.json"
    again = write_report(screened, tmp_path / "b.html", **ASKED | {"document": record, "today": date(2030, 1, 1)})

    assert json.loads(record.read_bytes())["kind"] == "screening"
    assert again.read_bytes() == first.read_bytes()


def test_numbered_screening_report_does_not_name_what_init_left_open(tmp_path):
    folder = submission(tmp_path / "in", sheet())
    left_open = words("ko").text("init.fill.organisation")
    manifest = (folder / "submission.yaml").read_text("utf-8").replace("온고을신용", left_open)
    (folder / "submission.yaml").write_text(manifest, encoding="utf-8")
    (folder / "screening.json").write_bytes(canonical_json(screen(read_inputs(folder), date="2026-11-28")))

    with pytest.raises(UsageError, match="still says"):
        write_report(folder, tmp_path / "s.html", **SCREENING | {"number": "SR-1"})

    assert write_report(folder, tmp_path / "s.html", **SCREENING).is_file()


def test_case_without_a_screening_says_so(case, tmp_path):
    with pytest.raises(RecordError, match="assessed without a screening") as caught:
        write_report(case, tmp_path / "s.html", **SCREENING)

    assert caught.value.code == "screening_not_in_case"


@pytest.mark.parametrize("name", ["", "assessment.json"])
def test_case_that_holds_a_screening_gives_its_report(case, screened, tmp_path, name):
    record = json.loads((case / "assessment.json").read_bytes())
    record["subject"]["screening"] = json.loads((screened / "screening.json").read_bytes())
    (tmp_path / "assessment.json").write_bytes(canonical_json(record))

    assert current_screening(tmp_path / name).kr.status == "likely"
    assert "심사 모델" in write_report(tmp_path / name, tmp_path / "s.html", **SCREENING).read_text("utf-8")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_command_writes_the_screening_report_and_says_where(screened, tmp_path, lang):
    asked = ["report", str(screened), "--kind", "screening", "--lang", lang, "-o", str(tmp_path / "s.html")]
    done = CliRunner().invoke(commands, asked)

    assert done.exit_code == 0
    assert f'<html lang="{lang}">' in (tmp_path / "s.html").read_text("utf-8")


@pytest.mark.parametrize("code", ["screening_not_there", "screening_outdated", "screening_not_in_case"])
def test_refusals_of_a_screening_are_worded_in_both_languages(code):
    for lang in LANGUAGES:
        told = words(lang).text(f"error.{code}", path="screening.json", place="in")

        assert "reliability screen" in told


EXPORT = ASKED | {"kind": None}
STARTS = {
    "r.xml": b"<?xml",
    "r.csv": b"\xef\xbb\xbf",
    "r.xlsx": b"PK",
    "r.cdx.json": b'{"$schema"',
    "R.CSV": b"\xef\xbb\xbf",
}


@pytest.mark.parametrize("name", STARTS)
def test_results_are_written_in_the_format_that_the_name_ends_in(case, tmp_path, name):
    written = write_report(case, tmp_path / name, **EXPORT)

    assert written.read_bytes().startswith(STARTS[name])
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_format_of_results_that_is_asked_for_wins_over_the_ending(case, tmp_path):
    assert write_report(case, tmp_path / "r.txt", **EXPORT | {"form": "csv"}).read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("name", ["r.json", "r", "r.xls", "r.xml.gz"])
def test_ending_that_names_no_format_is_refused_with_those_that_do(case, tmp_path, name):
    with pytest.raises(UsageError, match=r"\.xml \(JUnit\), \.csv, \.xlsx or \.cdx\.json") as caught:
        write_report(case, tmp_path / name, **EXPORT)

    assert caught.value.code == "report_format_unknown"


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "test"},
        {"number": "R-1"},
        {"issuer": "i.yaml"},
        {"amends": "R-0"},
        {"document": "d.json"},
        {"reason": ""},
    ],
)
def test_results_take_no_option_of_a_document(case, tmp_path, given):
    with pytest.raises(UsageError, match=f"--{next(iter(given))} does not go with junit") as caught:
        write_report(case, tmp_path / "r.xml", **EXPORT | given)

    assert caught.value.code == "export_takes_no_option"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "submission.yaml"])
def test_results_of_a_submission_are_refused_with_the_next_step(screened, tmp_path, name):
    with pytest.raises(UsageError, match=r"csv is drawn from the case.*reliability assess") as caught:
        write_report(screened / name, tmp_path / "r.csv", **EXPORT)

    assert caught.value.code == "export_needs_case"


def test_results_of_a_record_whose_outcome_was_changed_are_refused(case, tmp_path):
    with pytest.raises(RecordError, match="outcome does not follow"):
        write_report(tampered(case, tmp_path, outcome="conforms"), tmp_path / "r.csv", **EXPORT)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("form", ["junit", "csv", "xlsx", "cyclonedx"])
def test_command_writes_every_machine_format(case, tmp_path, form, lang):
    asked = ["report", str(case), "--format", form, "--lang", lang, "-o", str(tmp_path / "r"), "--json"]
    done = CliRunner().invoke(commands, asked)

    assert done.exit_code == 0
    assert json.loads(done.stdout)["written"] == str(tmp_path / "r")


def test_report_without_a_kind_is_the_consulting_report(case, tmp_path):
    bare = write_report(case, tmp_path / "a.html", **EXPORT)
    named = write_report(case, tmp_path / "b.html", **ASKED)

    assert bare.read_bytes() == named.read_bytes()


@pytest.mark.parametrize("code", ["report_format_unknown", "export_takes_no_option", "export_needs_case"])
def test_refusals_of_results_are_worded_in_both_languages(code):
    told = [
        words(lang).text(f"error.{code}", output="r", option="--kind", form="csv", place="in") for lang in LANGUAGES
    ]

    assert len(set(told)) == 2
