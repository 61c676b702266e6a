"""A hub made up for tests: authorities, people with keys, a register, and a case led as far as a test needs."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from reliability.certification import issuing, opening, planning, reviewing
from reliability.certification.bodies import Tested
from reliability.certification.desk import ROSTER, TRUST, Desk, open_desk
from reliability.certification.drafting import Draft, Needs
from reliability.certification.events import Signer, digest
from reliability.certification.history import History
from reliability.certification.roster import sign_roster
from reliability.certification.schemes import Rules, read_scheme
from reliability.records import Assessment, Intake, canonical_json
from reliability.register import store
from reliability.reports.document import Issuer
from reliability.signing import authority, key_files
from reliability.signing.authority import Holder, Kind
from reliability.signing.trust import Trust, make_trust
from tests.reports.certified import granted

SECRET = "four words of ours"
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ISSUER = Issuer(name="전북 인공지능 신뢰성 허브", address="전주시 덕진구 기린대로 451")
SITE = "https://register.example.kr/c"
# person -> name, employer, roles
PEOPLE = {
    "kim": ("김하늘", "온고을신용", ("applicant",)),
    "lee": ("이도현", "전주 허브", ("evaluator",)),
    "park": ("박서연", "전주 허브", ("reviewer",)),
    "choi": ("최민준", "전주 허브", ("decider",)),
    "jung": ("정유진", "전주 허브", ("registrar",)),
    "han": ("한지우", "전주 허브", ("decider", "evaluator")),
}
NAMED: dict[Any, Any] = {
    "applicant": ["kim"], "evaluator": ["lee"], "reviewer": ["park"], "decider": ["choi"], "registrar": ["jung"],
}  # fmt: skip


@dataclass(kw_only=True)
class Hub:
    """Everything of a hub, in one folder; `now` is its clock, and goes on by a minute for every step."""

    folder: Path
    now: datetime = START
    rules: Rules = field(default_factory=lambda: read_scheme("verification"))
    _signers: dict[str, Signer] = field(default_factory=dict)

    @property
    def register(self) -> Path:
        return self.folder / "register"

    @property
    def trust(self) -> Path:
        return self.register / TRUST

    def desk(self) -> Desk:
        """The desk a minute later."""
        self.now += timedelta(minutes=1)
        return open_desk(self.register, now=self.now)

    def signer(self, person: str) -> Signer:
        """Somebody with their key; opened once, for the key's cipher is slow on purpose."""
        if person not in self._signers:
            self._signers[person] = self.desk().signer(self.folder / "keys" / person, SECRET)
        return self._signers[person]

    def copied(self, folder: Path) -> Hub:
        """The same hub somewhere else; its keys are open already."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return replace(self, folder=folder)

    def history(self, case: str) -> History:
        """A case as it stands."""
        return self.desk().history(case)

    def seal(self, **changes: Any) -> issuing.Seal:
        """The hub's seal."""
        folder = self.folder / "keys" / "seal"
        chain = (key_files.read_certificate(folder / "certificate.pem"), *authority.read_chain(folder / "chain.pem"))
        key = key_files.read_key(folder / "key.pem", SECRET)
        return issuing.Seal(**({"key": key, "chain": chain, "issuer": ISSUER, "site": SITE} | changes))


def make_hub(folder: Path, *, people: Any = PEOPLE, scheme: str = "verification") -> Hub:
    """Authorities, keys, trust file, roster and an empty register."""
    hub = Hub(folder=folder, rules=read_scheme(scheme))
    root = authority.make_root(folder / "ca/root", Holder(name="Hub root", organisation="Hub"), SECRET, now=START)
    certified(root, folder / "ca/issuing", "issuing", "Hub issuing")
    issuer = authority.open_authority(folder / "ca/issuing")
    for name in (*people, "seal", "register"):
        kind: Kind = name if name in ("seal", "register") else "person"  # type: ignore[assignment]  # one of two
        certified(issuer, folder / "keys" / name, kind, people[name][0] if name in people else f"Hub {name}")
    store.create(hub.register, prefix="JJ", register_id="0" * 31 + "1").close()
    write_trust(hub)
    write_roster(hub, people)
    return hub


def certified(above: authority.Authority, folder: Path, kind: Kind, name: str) -> None:
    """A key in a folder, with its certificate."""
    request = authority.make_request(folder, Holder(name=name, organisation="Hub"), SECRET)
    chain = authority.sign_request(above, request, kind, SECRET, now=START)
    authority.install(folder, chain)


def write_trust(hub: Hub, **changes: Any) -> None:
    """The trust file, signed by the root."""
    root = authority.open_authority(hub.folder / "ca/root")
    registers = (key_files.read_certificate(hub.folder / "keys/register/certificate.pem"),)
    trust = Trust(**({"roots": (root.certificate,), "register_keys": registers} | changes))
    key = key_files.read_key(root.folder / "key.pem", SECRET)
    hub.trust.write_bytes(make_trust(trust, key, root.certificate, now=hub.now))


def write_roster(hub: Hub, people: Any = PEOPLE, **changes: Any) -> None:
    """The roster, signed by the issuing authority."""
    issuer = authority.open_authority(hub.folder / "ca/issuing")
    lines = ["organisation: 전주 허브", "people:"]
    for person, (name, employer, roles) in people.items():
        serial = authority.serial_of(key_files.read_certificate(hub.folder / "keys" / person / "certificate.pem"))
        more = changes.get(person, "")
        lines.append(f"  - {{person: {person}, name: {name}, employer: {employer}, roles: [{', '.join(roles)}], "
                     f"certificate: '{serial}', from: '2026-01-01'{more}}}")  # fmt: skip
    (hub.folder / "roster.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    key = key_files.read_key(issuer.folder / "key.pem", SECRET)
    chain = (issuer.certificate, *issuer.above)
    made = sign_roster(hub.folder / "roster.yaml", key, chain, now=hub.now)
    (hub.register / ROSTER).write_bytes(made)


def conforming(**changes: Any) -> Assessment:
    """An assessment that may be granted: all passed, on data that the evaluator held, run by us and kept apart."""
    made = granted()
    passed = tuple(one for one in made.findings if one.verdict in ("pass", "reported", "not_applicable"))
    data = made.data.model_copy(
        update={"evaluation": made.data.evaluation.model_copy(update={"origin": "evaluator_held"})}
    )
    apart = {"level": "bubblewrap", "probe": {"read_file": "refused", "connect": "refused"}}
    model = made.subject.model.model_copy(update={"isolation": apart}) if made.subject.model else None
    fields = {"findings": passed, "outcome": "conforms", "data": data, "intake": Intake(isolation=apart),
              "subject": made.subject.model_copy(update={"model": model})}  # fmt: skip
    return made.model_copy(update=fields | changes)


def draft_of(assessment: Assessment, **changes: Any) -> Draft:
    """What the submission of an assessment says of itself."""
    data, model = assessment.data, assessment.subject.model
    fields: dict[str, Any] = {
        "organisation": dict(assessment.subject.organisation), "system": dict(assessment.subject.system),
        "task": assessment.subject.task, "manifest": "a" * 64,
        "model": {"format": model.format, "sha256": model.sha256} if model else None,
        "evaluation": _identity(data.evaluation),
        "training": _identity(data.training) if data.training else None,
        "checklist": {"id": assessment.checklist.id, "version": assessment.checklist.version,
                      "sha256": assessment.checklist.sha256},
        "confidence": 0.95,
        "needs": (Needs(item="PER-01", check="performance.accuracy", by=(), limit={"at_least": 0.7}, rule="guarded",
                        n=1000, best=20, likely=300, enough=True, why=""),),
    }  # fmt: skip
    return Draft(**(fields | changes))


def _identity(data: Any) -> dict[str, Any]:
    return {"path": data.path, "sha256": data.sha256, "rows": data.rows, "origin": data.origin}


def opened(hub: Hub, assessment: Assessment, **changes: Any) -> str:
    """A case, opened, declared and accepted; its number."""
    draft = draft_of(assessment)
    case = opening.open_case(hub.desk(), hub.signer("jung"), draft, hub.rules, NAMED | changes)
    for role, people in (NAMED | changes).items():
        if role in ("evaluator", "reviewer", "decider"):
            for person in people:
                opening.declare(hub.desk(), hub.signer(person), hub.desk().history(case), role, "이해상충이 없습니다.")
    opening.accept(hub.desk(), hub.signer("kim"), hub.desk().history(case), hub.rules.agreement_sha256, "대표이사")
    return case


def sealed(hub: Hub, case: str, assessment: Assessment, **changes: Any) -> None:
    """A sealed plan."""
    planning.seal(hub.desk(), hub.signer("lee"), hub.desk().history(case), draft_of(assessment),
                  named="certification", seed=assessment.seed, **changes)  # fmt: skip


def ran(hub: Hub, case: str, assessment: Assessment, *, surveillance: bool = False) -> int:
    """A run whose record is given: what `certify test` keeps of a real one."""
    history, content = hub.desk().history(case), canonical_json(assessment)
    assert history.plan is not None
    body = Tested(run=len(history.of("tested")) + 1, plan=history.plan.body.plan, assessment=digest(content),
                  outcome=assessment.outcome, surveillance=surveillance)  # fmt: skip
    hub.desk().record(hub.signer("lee"), "evaluator", body, history, subjects={"assessment": body.assessment},
                      files={body.assessment: content})  # fmt: skip
    return body.run


def reviewed(hub: Hub, case: str, run: int = 1, recommends: Any = "grant", nonconformities: Any = ()) -> None:
    """A review."""
    desk = hub.desk()
    note = "기록을 확인하였습니다."
    reviewing.review(desk, hub.signer("park"), desk.history(case), run, recommends, note, nonconformities)


def decided(
    hub: Hub, case: str, decision: Any = "grant", reasons: Any = ("기준을 모두 충족합니다.",), **more: Any
) -> None:
    """A decision."""
    reviewing.decide(hub.desk(), hub.signer("choi"), hub.desk().history(case), decision, reasons, **more)


def issued(hub: Hub, case: str, langs: Any = ("ko",), **seal: Any) -> issuing.Papers:
    """Papers of a certificate."""
    return issuing.issue(hub.desk(), hub.signer("jung"), hub.desk().history(case), hub.seal(**seal), langs)


def led(hub: Hub, assessment: Assessment, langs: Any = ("ko",), **seal: Any) -> tuple[str, issuing.Papers]:
    """A case from application to certificate."""
    case = opened(hub, assessment)
    sealed(hub, case, assessment)
    ran(hub, case, assessment)
    reviewed(hub, case)
    decided(hub, case)
    return case, issued(hub, case, langs, **seal)
