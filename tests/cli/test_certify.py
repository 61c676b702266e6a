"""The steps of certification, as their people type them; the whole way is in tests/acceptance."""

import json

import pytest

from reliability.certification.checkpoints import read_checkpoint
from reliability.records import canonical_json
from reliability.register.searching import Search
from reliability.signing import key_files
from tests.certification import hub as made
from tests.certification.conftest import hub_template  # noqa: F401  (a fixture)

ASSESSMENT = made.conforming()
MINOR_ITEM = "GOV-01"


@pytest.fixture
def hub(hub_template, tmp_path, monkeypatch):  # noqa: F811  (the fixture's own name)
    """A hub whose clock is the machine's, for the command line has no other."""
    hub = hub_template.copied(tmp_path / "hub")
    monkeypatch.setenv("SECRET", made.SECRET)
    monkeypatch.setattr("reliability.cli.certify_cases.now", lambda: hub.desk().now)
    monkeypatch.setattr("reliability.cli.certify_steps.now", lambda: hub.desk().now)
    monkeypatch.setattr("reliability.cli.certify_changes.now", lambda: hub.desk().now)
    return hub


@pytest.fixture
def certify(run, hub):
    """Run a step as somebody."""

    def step(person, command, *arguments, group="certify", lang="en"):
        return run(group, command, *arguments, "--register", hub.register, "--key", hub.folder / "keys" / person,
                   "--passphrase-env", "SECRET", lang=lang)  # fmt: skip

    return step


@pytest.fixture
def case(hub):
    number = made.opened(hub, ASSESSMENT)
    made.sealed(hub, number, ASSESSMENT)
    return number


def kept(hub, case):
    made.ran(hub, case, ASSESSMENT)


def test_the_steps_after_a_run_lead_to_papers_that_are_written_whole(certify, run, hub, case, tmp_path):
    kept(hub, case)
    (tmp_path / "issuer.yaml").write_text("name: 전주 허브\naddress: 전주시\n", encoding="utf-8")
    reviewed = certify("park", "review", case, "--recommend", "grant", "--note", "checked")
    decided = certify("choi", "decide", case, "--grant", "--reason", "all met")
    sealed = ("--seal", hub.folder / "keys/seal", "--seal-passphrase-env", "SECRET")
    shown = ("--issuer", tmp_path / "issuer.yaml", "--site", made.SITE, "--out", tmp_path / "papers")
    issued = certify("jung", "issue", case, *sealed, *shown)

    assert (reviewed.status, decided.status, issued.status) == (0, 0, 0)
    assert "reliability certify issue" in decided.err
    assert "Issued: JJ-C-2026-0001" in issued.out
    assert sorted(path.name for path in (tmp_path / "papers").iterdir()) == [
        "certificate-JJ-C-2026-0001.ko.pdf", "statement.dsse.json", "test-report-JJ-R-2026-0001.ko.pdf",
    ]  # fmt: skip
    again = run("certify", "papers", case, "--register", hub.register, "--out", tmp_path / "again", "--json")
    assert len(json.loads(again.out)["files"]) == 3
    assert run("certify", "papers", case, "--register", hub.register, "--out", tmp_path / "again").status == 2


@pytest.mark.parametrize(("decision", "status"), [("refuse", 1), ("return", 3)])
def test_a_refusal_has_an_exit_status_of_its_own(certify, hub, case, decision, status):
    kept(hub, case)
    made.reviewed(hub, case)

    ended = certify("choi", "decide", case, f"--{decision}", "--reason", "no evidence", lang="ko")
    assert ended.status == status
    assert case in ended.out


@pytest.mark.parametrize("flags", [(), ("--grant", "--refuse")])
def test_one_decision_is_said(certify, case, flags):
    ended = certify("choi", "decide", case, *flags, "--reason", "x")

    assert ended.status == 2
    assert "--grant" in ended.err


def test_an_appeal_is_heard_and_the_case_shows_it(certify, run, hub, case):
    kept(hub, case)
    made.reviewed(hub, case)
    made.decided(hub, case, "refuse", ("까닭",))

    assert certify("kim", "appeal", case, "--grounds", "mixed up").status == 0
    assert certify("choi", "hear", case, "--dismiss", "--reason", "no").status == 2
    assert certify("han", "hear", case, "--uphold", "--reason", "yes").status == 0
    shown = run("certify", "show", case, "--register", hub.register)
    assert "decision on run 1: refused" in shown.out
    assert "appeal" in shown.out
    assert shown.out.rstrip().endswith(f"'reliability certify decide {case}'")


def test_a_case_shows_what_comes_next(run, certify, hub):
    from reliability.certification import opening

    case = opening.open_case(hub.desk(), hub.signer("jung"), made.draft_of(ASSESSMENT), hub.rules, made.NAMED)

    def following():
        return json.loads(run("certify", "show", case, "--register", hub.register, "--json").out)["next"]

    seen = [following()]
    for person, role in (("lee", "evaluator"), ("park", "reviewer"), ("choi", "decider")):
        assert certify(person, "declare", case, "--role", role).status == 0
    seen.append(following())
    assert certify("kim", "accept", case, "--agreement", hub.rules.agreement_sha256).status == 0
    seen.append(following())
    made.sealed(hub, case, ASSESSMENT)
    seen.append(following())
    kept(hub, case)
    seen.append(following())
    assert seen == ["declare", "accept", "plan", "test", "review"]


def test_an_agreement_that_nobody_can_be_asked_about_is_not_accepted(certify, hub):
    case = made.opened(hub, ASSESSMENT)

    ended = certify("kim", "accept", case)

    assert ended.status != 0
    assert len(hub.history(case).of("accepted")) == 1


def test_nonconformities_and_conditions_are_closed_by_the_command(certify, hub, case, tmp_path):
    kept(hub, case)
    (tmp_path / "scan.pdf").write_bytes(b"scan")
    certify("park", "review", case, "--recommend", "grant", "--note", "x",
            "--nonconformity", "DAT-01", "minor", "no date")  # fmt: skip

    assert certify("park", "close", case, "NC-1", "--note", "seen").status == 2
    closed = certify("lee", "close", case, "NC-1", "--note", "seen", "--evidence", tmp_path / "scan.pdf")
    assert (closed.status, hub.history(case).open_nonconformities()) == (0, ())
    (tmp_path / "empty").write_bytes(b"")
    assert certify("lee", "close", case, "NC-1", "--note", "x", "--evidence", tmp_path / "empty").status == 2


def test_a_run_is_discarded_by_the_command(certify, hub, case):
    kept(hub, case)

    assert certify("lee", "discard", case, "--run", "1", "--why", "disk full").status == 0
    assert hub.history(case).discarded == {1}


@pytest.mark.parametrize("day", ["soon", "2026-13-01"])
def test_a_day_that_is_none_is_said(certify, hub, case, day):
    kept(hub, case)
    made.reviewed(hub, case)

    ended = certify("choi", "decide", case, "--conditional", "--condition", MINOR_ITEM, day, "x")
    assert ended.status == 2
    assert "YYYY-MM-DD" in ended.err


def test_a_certificate_changes_its_status_by_the_command(certify, hub):
    case, papers = made.led(hub, ASSESSMENT)
    statuses = []
    for command in ("suspend", "restore", "withdraw"):
        ended = certify("jung", command, papers.number, "--reason", "a reason", group="register")
        assert (ended.status, papers.number in ended.out) == (0, True)
        statuses.append(hub.desk().register.certificates(Search(number=papers.number))[0].status)

    assert statuses == ["suspended", "active", "withdrawn"]
    assert certify("jung", "suspend", case, "--reason", "x", group="register").status == 2


def test_a_checkpoint_is_signed_by_the_registers_key_and_no_other(certify, hub, case, tmp_path):
    made_one = certify("register", "checkpoint", "-o", tmp_path / "point.json", group="register")

    assert (made_one.status, (hub.register / "checkpoint.dsse.json").read_bytes()) == (
        0, (tmp_path / "point.json").read_bytes(),
    )  # fmt: skip
    assert certify("seal", "checkpoint", group="register").status == 4


def test_another_party_countersigns_a_checkpoint_if_the_trust_file_names_it(certify, run, hub, case, tmp_path):
    partner, point = hub.folder / "keys/han", tmp_path / "point.json"
    certify("register", "checkpoint", "-o", point, group="register")

    def countersigned():
        return run("register", "countersign", point, "--trust", hub.trust, "--key", partner,
                   "--passphrase-env", "SECRET", "-o", tmp_path / "back.json")  # fmt: skip

    unknown = countersigned()
    made.write_trust(hub, countersigners=(key_files.read_certificate(partner / "certificate.pem"),))
    done = countersigned()

    assert (unknown.status, "no countersigner" in unknown.err) == (2, True)
    assert done.status == 0
    assert read_checkpoint((tmp_path / "back.json").read_bytes(), hub.desk().trust).proven is not None
    assert read_checkpoint(point.read_bytes(), hub.desk().trust).proven is None


def test_a_roster_is_signed_by_the_command(run, hub, monkeypatch):
    before = (hub.register / "roster.json").read_bytes()
    ended = run("certify", "roster", hub.folder / "roster.yaml", "--ca", hub.folder / "ca/issuing",
                "--register", hub.register, "--passphrase-env", "SECRET")  # fmt: skip

    assert ended.status == 0
    assert (hub.register / "roster.json").read_bytes() != before
    assert hub.desk().roster.roster.organisation == "전주 허브"


def test_a_wrong_pass_phrase_signs_nothing(certify, hub, case, monkeypatch):
    monkeypatch.setenv("SECRET", "other words than ours")
    kept(hub, case)

    assert certify("lee", "discard", case, "--run", "1", "--why", "x").status == 2
    assert hub.history(case).discarded == frozenset()


def test_surveillance_of_another_model_is_outside_the_scope(certify, hub, monkeypatch, tmp_path):
    case, papers = made.led(hub, ASSESSMENT)
    model = ASSESSMENT.subject.model.model_copy(update={"sha256": "0" * 64})
    other = ASSESSMENT.model_copy(update={"subject": ASSESSMENT.subject.model_copy(update={"model": model})})

    def assessed(plan, submission, out, **_):
        out.mkdir()
        (out / "assessment.json").write_bytes(canonical_json(other))
        return other

    monkeypatch.setattr("reliability.certification.testing.assessed", assessed)
    monkeypatch.setattr("reliability.cli.certify_steps.draft_of", lambda *_, **__: made.draft_of(other))

    ended = certify("lee", "surveil", papers.number, tmp_path, "--out", tmp_path / "run")
    assert ended.status == 3
    assert "outside this certificate's scope" in ended.out
    assert hub.history(case).events[-1].kind == "surveilled"
