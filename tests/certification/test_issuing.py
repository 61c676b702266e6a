"""Issuing: everything or nothing, each document sealed, each digest where a verifier looks for it."""

import json
import subprocess
from datetime import date, timedelta

import pytest

from reliability.certification import issuing, reviewing, testing
from reliability.certification.bodies import Condition
from reliability.certification.events import digest
from reliability.certification.schemes import months_later
from reliability.errors import SignerError, UsageError
from reliability.records import Finding, canonical_json
from reliability.register.searching import Search
from reliability.reports.document import DocumentRecord
from reliability.signing import dsse
from reliability.signing.pdf_signature import read_signature
from tests.certification import hub as made
from tests.certification import publishing_case as unprinted
from tests.certification.verified_hub import Clock
from tests.signing import stamping

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

    for decision in ("return", "refuse"):
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


@pytest.mark.parametrize(("minutes", "proven"), [(0, True), (600, False)])
def test_a_plan_is_proven_sealed_by_a_clock_that_saw_it_before_the_run(hub, minutes, proven):
    made.write_trust(hub, timestamp_roots=(stamping.ROOT,))
    clock = Clock(made.START + timedelta(minutes=minutes))
    case = made.opened(hub, ASSESSMENT)
    made.sealed(hub, case, ASSESSMENT, stamp=lambda digest: clock.stamp(bytes.fromhex(digest)))
    made.ran(hub, case, ASSESSMENT)
    made.reviewed(hub, case)
    made.decided(hub, case)
    made.issued(hub, case)

    desk, body = hub.desk(), hub.history(case).issued.body
    record = DocumentRecord.model_validate_json(desk.register.file(body.papers[1].document))
    assert record.certificate.sealing_proven is proven


def refused(action):
    with pytest.raises(UsageError) as caught:
        action()
    return caught.value.code


def renewed(hub, case):
    return issuing.renew(hub.desk(), hub.signer("jung"), hub.history(case), hub.seal(), ("ko",), "사후관리")


def test_where_nothing_was_issued_there_are_no_papers_and_nothing_to_renew(hub, case):
    assert refused(lambda: issuing.papers(hub.desk(), hub.history(case))) == "issued_not"
    assert refused(lambda: renewed(hub, case)) == "nothing_granted"


def test_what_was_granted_is_issued_and_not_renewed(hub, case):
    made.ran(hub, case, ASSESSMENT)
    made.reviewed(hub, case)
    made.decided(hub, case)

    assert refused(lambda: renewed(hub, case)) == "nothing_granted"


def test_a_gate_that_is_not_passed_any_more_keeps_a_granted_certificate_back(hub, case):
    made.ran(hub, case, ASSESSMENT)
    made.reviewed(hub, case)
    made.decided(hub, case)
    made.reviewed(hub, case, nonconformities=[("DAT-01", "major", "증거가 바뀌었다")])
    head = hub.desk().register.head()

    with pytest.raises(UsageError, match=r"CRT-05 \(nonconformity_open\)"):
        made.issued(hub, case)
    assert (hub.desk().register.head(), hub.desk().register.certificates()) == (head, ())


@pytest.mark.parametrize("what", ["suspended", "withdrawn"])
def test_what_was_taken_out_of_force_since_it_was_decided_is_not_renewed(hub, tmp_path, what):
    number = unprinted.certified(hub, ASSESSMENT)
    case = hub.history(number).case
    (tmp_path / "run").mkdir()
    (tmp_path / "run/assessment.json").write_bytes(canonical_json(ASSESSMENT))
    run = testing.surveil(hub.desk(), hub.signer("lee"), hub.history(case), tmp_path / "run", number=number).run
    made.reviewed(hub, case, run, "renew")
    made.decided(hub, case, "renew", run=run)
    unprinted.changed(hub, number, what, "까닭")

    assert refused(lambda: renewed(hub, case)) == "status_forbids"
