"""Issuing: everything or nothing, each document sealed, each digest where a verifier looks for it."""

import json
import subprocess
from datetime import date

import pytest

from reliability.certification import issuing, reviewing
from reliability.certification.bodies import Condition
from reliability.certification.events import digest
from reliability.certification.schemes import months_later
from reliability.errors import SignerError, UsageError
from reliability.records import Finding
from reliability.register.searching import Search
from reliability.reports.document import DocumentRecord
from reliability.signing import dsse
from reliability.signing.pdf_signature import read_signature
from tests.certification import hub as made

ASSESSMENT = made.conforming()


@pytest.fixture(scope="module")
def led(hub_template, tmp_path_factory):
    """A hub whose first case ended in a certificate, its number, and the papers."""
    hub = hub_template.copied(tmp_path_factory.mktemp("led") / "hub")
    case, papers = made.led(hub, ASSESSMENT, ("ko", "en"))
    return hub, case, papers


def text_of(content, tmp_path, pages="1"):
    path = tmp_path / "paper.pdf"
    path.write_bytes(content)
    done = subprocess.run(["pdftotext", "-f", "1", "-l", pages, "-layout", path, "-"], capture_output=True, check=True)
    return done.stdout.decode()


def test_an_issue_makes_report_and_certificate_in_each_language_and_one_statement(led):
    _, _, papers = led

    assert sorted(papers.files) == [
        "certificate-JJ-C-2026-0001.en.pdf", "certificate-JJ-C-2026-0001.ko.pdf", "statement.dsse.json",
        "test-report-JJ-R-2026-0001.en.pdf", "test-report-JJ-R-2026-0001.ko.pdf",
    ]  # fmt: skip


def test_every_paper_is_signed_by_the_seal_over_the_whole_file(led):
    hub, _, papers = led
    trust = hub.desk().trust

    for name, content in papers.files.items():
        if name.endswith(".pdf"):
            signature = read_signature(content)
            assert trust.path(signature.chain, kind="seal", at=signature.claimed)
            assert signature.level == "B-B"


def test_the_event_names_every_file_and_the_register_keeps_it(led):
    hub, case, papers = led
    desk, body = hub.desk(), hub.history(case).issued.body

    assert {one.sha256 for one in body.papers} | {body.statement} == {digest(one) for one in papers.files.values()}
    for one in (*(paper.sha256 for paper in body.papers), body.statement, body.public):
        assert digest(desk.register.file(one)) == one
    document = DocumentRecord.model_validate_json(desk.register.file(body.papers[1].document))
    assert document.certificate.chain_head == body.head


def test_the_head_is_of_a_row_before_the_issue(led):
    hub, case, _ = led
    rows = tuple(hub.desk().register.rows())
    issued = hub.history(case).issued

    place = [one.hash for one in rows].index(issued.body.head)
    assert place < [one.event for one in rows].index(issued.row.event)


def test_the_statement_speaks_of_everything_and_is_signed_with_the_seal(led):
    hub, case, papers = led
    envelope = dsse.read(papers.files["statement.dsse.json"])
    statement = dsse.statement_in(envelope)
    named = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}

    assert envelope.signed_by(hub.seal().chain[0].public_key())
    assert named["model"] == ASSESSMENT.subject.model.sha256
    assert named["evaluation"] == ASSESSMENT.data.evaluation.sha256
    assert named["assessment.json"] == hub.history(case).standing.body.assessment
    assert all(named[name] == digest(content) for name, content in papers.files.items() if name.endswith(".pdf"))
    assert statement["predicate"]["number"] == papers.number


def test_the_index_finds_the_certificate(led):
    hub, case, papers = led

    (found,) = hub.desk().register.certificates(Search(number=papers.number))

    assert (found.case, found.status, found.revision, found.lang) == (case, "active", 1, "ko")
    assert (found.granted, found.expires) == (date(2026, 11, 2), date(2028, 11, 1))
    assert found.next_surveillance == months_later(found.granted, 12)


def test_the_certificate_says_scheme_people_and_that_the_sealing_is_not_proven(led, tmp_path):
    _, _, papers = led
    text = text_of(papers.files["certificate-JJ-C-2026-0001.ko.pdf"], tmp_path)

    for said in ("검증 결과서", "이도현", "박서연", "최민준", "JJ-R-2026-0001", "JJ-C-2026-0001"):
        assert said in text
    report = text_of(papers.files["test-report-JJ-R-2026-0001.en.pdf"], tmp_path, "40")
    assert "not independently proven" in report
    assert "run 1 of 1" in report


def test_a_certificate_is_issued_once(led):
    hub, case, _ = led

    with pytest.raises(UsageError) as caught:
        made.issued(hub, case)
    assert caught.value.code == "issued_already"


def test_papers_are_written_again_out_of_the_register(led):
    hub, case, papers = led

    assert issuing.papers(hub.desk(), hub.history(case)).files == papers.files


def test_nothing_is_issued_without_a_grant(hub, case):
    made.ran(hub, case, ASSESSMENT)
    made.reviewed(hub, case)

    for decision in ("refuse", "return"):
        made.decided(hub, case, decision)
        with pytest.raises(UsageError) as caught:
            made.issued(hub, case)
        assert caught.value.code == "nothing_granted"


def test_nothing_is_issued_after_an_appeal_was_upheld(hub, case):
    made.ran(hub, case, ASSESSMENT)
    made.reviewed(hub, case)
    made.decided(hub, case)
    reviewing.appeal(hub.desk(), hub.signer("kim"), hub.history(case), "까닭")
    reviewing.hear(hub.desk(), hub.signer("han"), hub.history(case), upheld=True, reasons=("맞다",))

    with pytest.raises(UsageError) as caught:
        made.issued(hub, case)
    assert caught.value.code == "nothing_granted"


def test_a_seal_that_the_trust_file_does_not_know_issues_nothing(hub, case, tmp_path):
    stranger = made.make_hub(tmp_path / "stranger").seal()
    made.ran(hub, case, ASSESSMENT)
    made.reviewed(hub, case)
    made.decided(hub, case)

    with pytest.raises(SignerError):
        made.issued(hub, case, key=stranger.key, chain=stranger.chain)
    assert hub.history(case).issued is None
    assert hub.desk().register.certificates() == ()


def test_a_conditional_certificate_lists_its_conditions(hub, case, tmp_path):
    minor = Finding(item="GOV-01", severity="minor", verdict="conditional_pass")
    assessment = ASSESSMENT.model_copy(
        update={"outcome": "conforms_with_conditions", "findings": (*ASSESSMENT.findings, minor)}
    )
    due = hub.now.date().replace(year=2027, month=3)
    made.ran(hub, case, assessment)
    made.reviewed(hub, case, recommends="conditional")
    made.decided(hub, case, "conditional", conditions=[Condition(item="GOV-01", text="지침을 승인받는다", due=due)])
    papers = made.issued(hub, case)

    (found,) = hub.desk().register.certificates(Search(number=papers.number))
    assert [(one.item, one.due) for one in found.conditions] == [("GOV-01", due)]
    assert "지침을 승인받는다" in text_of(papers.files[f"certificate-{papers.number}.ko.pdf"], tmp_path, "2")


def test_advice_by_the_same_body_stands_on_the_certificate(hub, tmp_path):
    line = {"organisation": ASSESSMENT.subject.organisation["name"], "system": ASSESSMENT.subject.system["name"],
            "person": "somebody", "date": "2026-05-01", "kind": "consulting"}  # fmt: skip
    (hub.register / "engagements.jsonl").write_text(json.dumps(line, ensure_ascii=False), encoding="utf-8")
    _, papers = made.led(hub, ASSESSMENT)

    assert "같은 기관이 자문을 제공함" in text_of(papers.files[f"certificate-{papers.number}.ko.pdf"], tmp_path, "2")


def test_months_later_ends_with_the_month():
    assert months_later(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_later(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert months_later(date(2026, 12, 15), 24) == date(2028, 12, 15)
    assert months_later(date(2026, 10, 31), 2) == date(2026, 12, 31)
