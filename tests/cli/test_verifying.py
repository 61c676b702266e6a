"""`reliability verify`: one sentence for everybody, then every point; exit statuses that scripts rely on."""

import json
import re
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from reliability.certifiable import OBSTACLES
from reliability.certification import conduct, gates
from reliability.certification.bodies import Hindrance, Obstacle
from reliability.certification.verdicts import not_held
from reliability.cli import verification
from reliability.cli.verification import hindrances_text, point_text, sentence
from reliability.records import canonical_json
from reliability.words.text import words
from tests.certification import hub as made
from tests.certification.publishing_case import published
from tests.certification.test_fetching import serving
from tests.certification.verified_hub import Clock, issuer, paper

AT = ("--at", "2026-11-20")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder with all that a reader may have."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "certificate.pdf").write_bytes(issuer().certificate)
    (folder / "unstamped.pdf").write_bytes(issuer().bare)
    (folder / "statement.dsse.json").write_bytes(issuer().statement)
    shutil.copy(issuer().hub.trust, folder / "trust.json")
    shutil.copytree(issuer().hub.register, folder / "register")
    issuer().exported(folder / "copy", stamper=Clock(issuer().hub.now))
    (folder / "checkpoint").write_bytes(issuer().checkpoint(stamper=Clock(issuer().hub.now)))
    (folder / "case").mkdir()
    (folder / "case" / "assessment.json").write_bytes(canonical_json(made.conforming()))
    return folder


@pytest.fixture
def verify(run, desk, monkeypatch):
    """Run `reliability verify ...` there."""
    monkeypatch.chdir(desk)
    return lambda *arguments, lang="en": run("verify", *arguments, *AT, lang=lang)


TRUSTED = ("--trust", "trust.json", "--register", "register")


def test_a_certificate_in_force_is_told_in_one_sentence_and_then_point_by_point(verify):
    ran = verify("certificate.pdf", *TRUSTED)
    lines = ran.out.splitlines()

    assert (ran.status, ran.err) == (0, "")
    assert lines[:2] == ["certificate.pdf", f"Genuine, and in force on 2026-11-20 ({issuer().number})."]
    assert "  ● holds  plan sealed before the run" in lines
    assert lines[-1] == "  ○ not checked  register leads to the checkpoint: there is no checkpoint"


def test_it_is_told_in_korean(verify):
    ran = verify("certificate.pdf", *TRUSTED, lang="ko")

    assert ran.out.splitlines()[1] == f"진본이며 2026-11-20 현재 유효합니다({issuer().number})."
    assert "  ● 확인  시험 전에 계획이 봉인됨" in ran.out.splitlines()


@pytest.mark.parametrize(("lang", "told"), [
    ("en", "This is a test report, not the certificate itself."), ("ko", "이 파일은 인증서가 아니라 시험성적서입니다."),
])  # fmt: skip
def test_a_test_report_does_not_pass_for_the_certificate(verify, desk, lang, told):
    (desk / "report.pdf").write_bytes(paper(issuer().papers, "test-report"))

    first, certificate = (verify(name, *TRUSTED, lang=lang).out.splitlines()[1]
                          for name in ("report.pdf", "certificate.pdf"))  # fmt: skip
    assert first == f"{certificate} {told}"


@pytest.mark.parametrize(("arguments", "status"), [
    (("certificate.pdf", *TRUSTED), 0),
    (("certificate.pdf", "--trust", "trust.json", "--register", "copy"), 0),
    (("unstamped.pdf", "--trust", "trust.json", "--register", "copy"), 0),
    (("unstamped.pdf", *TRUSTED, "--checkpoint", "checkpoint"), 0),
    (("statement.dsse.json", *TRUSTED, "--checkpoint", "checkpoint"), 0),
    (("case", "statement.dsse.json", *TRUSTED, "--checkpoint", "checkpoint"), 0),
    (("copy", "--trust", "trust.json"), 0),
    (("certificate.pdf",), 3),
    (("certificate.pdf", "--trust", "trust.json"), 3),
    (("unstamped.pdf", *TRUSTED), 3),
    (("register", "--trust", "trust.json"), 3),
    (("certificate.pdf", *TRUSTED, "--model", "trust.json"), 4),
    (("certificate.pdf", "trust.json", *TRUSTED), 2),
])  # fmt: skip
def test_exit_statuses_are_those_of_the_contract(arguments, status, verify):
    assert verify(*arguments).status == status


def test_a_certificate_that_has_run_out_exits_with_1(run, desk, monkeypatch):
    monkeypatch.chdir(desk)

    ran = run("verify", "certificate.pdf", "--trust", "trust.json", "--at", "2056-11-20", lang="ko")

    assert ran.status == 1
    assert ran.out.splitlines()[1] == (
        f"진본이지만 유효하지 않습니다. 유효기간이 2028-11-01에 끝났습니다({issuer().number})."
    )


def test_a_changed_file_is_not_genuine_and_says_why(verify, desk):
    (desk / "changed.pdf").write_bytes(issuer().certificate.replace(b"/Type /Catalog", b"/Type /Catalo8", 1))

    ran = verify("changed.pdf", *TRUSTED)

    assert ran.status == 4
    assert ran.out.splitlines()[1:] == [
        "Not genuine. The file was changed after it was signed.",
        "  ◆ does not hold  unchanged since it was signed: the file was changed after it was signed",
    ]


def test_json_is_for_machines(verify):
    ran = verify("certificate.pdf", "unstamped.pdf", *TRUSTED, "--json")
    told = json.loads(ran.out)

    assert (ran.status, told["exit"], told["on"], [one["verdict"] for one in told["files"]]) == (
        3, 3, "2026-11-20", ["in_force", "time_unproven"],
    )  # fmt: skip
    assert told["files"][0]["points"][0] == {"check": "file", "state": "held", "code": None, "with": {}}


def test_without_a_day_it_is_about_today(run, desk, monkeypatch):
    monkeypatch.chdir(desk)

    told = json.loads(run("verify", "certificate.pdf", "--json").out)

    assert told["on"] == time.strftime("%Y-%m-%d", time.gmtime())


@pytest.mark.parametrize(("arguments", "code"), [
    (("nothing.pdf",), "verify_missing"), ((".",), "verify_nothing"), (("case",), "verify_alone"),
    (("certificate.pdf", "--register", "case"), "register_none_at_hand"),
    (("certificate.pdf", "--trust", "nothing"), "verify_missing"),
    (("certificate.pdf", "--trust", "statement.dsse.json"), "trust_unreadable"),
    (("certificate.pdf", "--model", "nothing"), "verify_missing"),
    (("certificate.pdf", "--rerun", "case"), "rerun_without_plan"),
    (("certificate.pdf", *TRUSTED, "--checkpoint", "trust.json"), "checkpoint_unreadable"),
    (("http://me@host/",), "register_address"),
    (("certificate.pdf", "--register", "trust.json"), "status_unreadable"),
])  # fmt: skip
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_what_cannot_be_done_is_said_in_one_line(arguments, code, lang, verify):
    ran = verify(*arguments, lang=lang)

    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert words(lang).text(f"error.{code}")


def test_a_file_that_is_too_large_is_not_read(verify, monkeypatch):
    monkeypatch.setattr(verification, "LARGEST", 1 << 10)

    assert "over 0 MiB" in verify("certificate.pdf").err


def test_a_published_register_is_asked_at_its_address(verify, tmp_path):
    hub = issuer().copied(tmp_path / "hub")
    published(hub.hub, tmp_path / "site", stamper=Clock(hub.hub.now + timedelta(minutes=1)))
    replies = {
        f"/{path.relative_to(tmp_path / 'site').as_posix()}": (200, {}, path.read_bytes())
        for path in (tmp_path / "site").rglob("*.json*")
    }
    with serving(replies) as (url, asked):
        certificate = verify("certificate.pdf", "--trust", "trust.json", "--register", url)
        register = verify(url, "--trust", "trust.json")

    assert (certificate.status, register.status) == (0, 0)
    assert f"/certificates/{issuer().number}.json" in asked


def test_one_published_status_is_enough(verify, tmp_path):
    hub = issuer().copied(tmp_path / "hub")
    published(hub.hub, tmp_path / "site")
    status = tmp_path / "site" / "certificates" / f"{issuer().number}.json"

    assert verify("certificate.pdf", "--trust", "trust.json", "--register", status).status == 0


def test_names_of_a_stranger_steer_no_terminal(verify, desk):
    name = "a\x1b[31m.pdf"
    (desk / name).write_bytes(b"nothing")

    assert "\x1b" not in verify(name).out


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_help_names_every_exit_status(run, lang):
    told = " ".join(run("verify", "--help", lang=lang).out.split())

    assert [status for status in "01234" if f"{status} " not in told] == []


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_reason_why_nothing_is_granted_has_words(lang):
    source = "".join(Path(str(module.__file__)).read_text("utf-8") for module in (gates, conduct))
    codes = {(code, "") for code in re.findall(r'yield "([a-z_]+)"', source)} | {(code, "") for code in OBSTACLES}
    codes = (codes - {("object_differs", "")}) | {
        ("object_differs", what) for what in ("model", "checklist", "version", "evaluation")
    }
    filled = {"role": "evaluator", "n": 3, "run": 1, "by": "applicant_supplied", "needed": 5,
              "granted": "2026-11-20", "expires": "2028-11-20"}  # fmt: skip
    for code, what in sorted(codes):
        reason = Hindrance(code=code, **{"with": filled | {"what": what}})
        told = hindrances_text([Obstacle(gate="CRT-01", reasons=(reason,))], words(lang))
        assert told.startswith("CRT-01: "), told
        assert not re.search(r"[a-z]_[a-z]|[{}]", told), told


def test_a_reason_without_words_is_told_by_its_code():
    assert point_text(not_held("chain", "never_heard_of"), words("en")) == "never_heard_of"


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("days", [1, 40, 900])
def test_every_point_and_sentence_of_real_files_has_words(lang, days):
    from reliability.certification.verifying_files import Given
    from reliability.certification.verifying_files import verify as verified

    said, on = words(lang), made.START.date() + timedelta(days=days)
    given = [Given(name=str(place), what=one) for place, one in enumerate(
        (issuer().certificate, issuer().bare, issuer().statement, paper(issuer().papers, "test-report"),
         issuer().certificate[:-1], b"", issuer().whole())
    )]  # fmt: skip
    for grounds in (issuer().grounds(on=on), issuer().grounds(on=on, trust=None),
                    issuer().grounds(on=on, at_hand=None)):  # fmt: skip
        for one in verified(given, grounds).files:
            told = [point_text(point, said) for point in one.points if point.code]
            assert sentence(one, on, said)
            assert [text for text in told if "{" in text or "_" in text.split(" ")[0]] == []


def test_a_certificate_is_verified_within_a_second_of_processor_time(desk):
    import resource

    command = [sys.executable, "-m", "reliability", "verify", "certificate.pdf", *TRUSTED, *AT]
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert subprocess.run(command, cwd=desk, capture_output=True, check=False).returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    assert min(spent) <= 1.0, spent


def test_what_measures_and_what_prints_is_not_loaded(desk):
    program = (
        "import sys; sys.argv = ['reliability', 'verify', 'certificate.pdf', '--trust', 'trust.json'];"
        "from reliability.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([name for name in ('sklearn', 'weasyprint', 'pandas', 'pyarrow', 'sqlalchemy') if name in sys.modules],"
        " file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=desk, capture_output=True, text=True, check=False)

    assert ran.stderr.strip() == "[]"
