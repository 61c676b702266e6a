"""A document record that carries the fields of a certificate, and one whose every text is as long as it may be."""

from __future__ import annotations

from datetime import date
from typing import Any

from reliability.records import Assessment
from reliability.reports.certificate_fields import Bilingual, Certificate, Condition, Decision, Revision, Role, Scheme
from reliability.reports.document import DocumentRecord, Issuer
from tests.reports.sample import assessment, subject

URL = "https://register.example.kr/certificates/VR-2026-00417"
CHAIN_HEAD = "ab12cd34" * 8
NAME = "가나다라마바사아자차" * 7 + "주식회사 온고을신용"  # 80 letters
SCOPE = ("범위를 길게 적은 글이 이어진다 " * 20)[:294] + "범위끝맺음."  # 300 letters


def both(text: str) -> Bilingual:
    return Bilingual(ko=text, en=f"{text} (en)")


def scheme(**changes: Any) -> Scheme:
    fields: dict[str, Any] = {"id": "verification", "version": "1.0", "name": both("신뢰성 검증 제도")}
    return Scheme(**(fields | changes))


def roles(*, evaluator: str = "이도현", reviewer: str = "박서연", decider: str = "최민준") -> tuple[Role, ...]:
    return (
        Role(role="decider", name=decider, position="위원장"),
        Role(role="evaluator", name=evaluator, position="책임연구원"),
        Role(role="reviewer", name=reviewer),
    )


def fields(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "scheme": scheme(), "revision": 1, "granted": date(2026, 11, 20), "expires": date(2028, 11, 19),
        "next_surveillance": date(2027, 11, 18), "criteria_year": 2026, "scope": "소액대출 승인 제안에 한정한다.",
        "exclusions": ("사업자 대출",),
        "conditions": (Condition(item="FAI-02", text="선택률 비를 높인다.", due=date(2027, 3, 31)),),
        "test_report": "TR-2026-0012", "decision": Decision(number="DEC-2026-7", date=date(2026, 11, 17)),
        "roles": roles(), "register_url": URL, "chain_head": CHAIN_HEAD,
        "revisions": (Revision(revision=1, date=date(2026, 11, 25), reason="주소 변경"),), "signature": "B-T",
    }  # fmt: skip
    return given | changes


def certified(*, issuer: str = "전북 인공지능 신뢰성 허브", **changes: Any) -> DocumentRecord:
    """The record of a certificate, some of its own fields changed."""
    return DocumentRecord(
        kind="certificate",
        issuer=Issuer(name=issuer, address="전주시 덕진구 기린대로 451"),
        number="VR-2026-00417",
        issued=date(2026, 11, 25),
        certificate=Certificate(**fields(**changes)),
    )


def granted(**changes: Any) -> Assessment:
    """An assessment on which a certificate may be issued."""
    return assessment(**({"outcome": "conforms_with_conditions"} | changes))


def long_record() -> DocumentRecord:
    """Texts as long as they may be, on a record that is still one page of certificate."""
    record = certified(
        issuer=NAME,
        scheme=scheme(name=both("제도의 이름 " * 30)),
        scope=SCOPE,
        exclusions=("제외되는 경우를 길게 적는다 " * 20,) * 3,
        test_report="TR-" + "시험성적서" * 20,
        decision=Decision(number="W" * 300, date=date(2026, 11, 17)),
        roles=roles(evaluator=f"{NAME}가", reviewer=f"{NAME}나", decider=f"{NAME}다"),
        register_url="https://register.example.kr/" + "m" * 92,
        revisions=tuple(Revision(revision=n, date=date(2026, 11, 25), reason="사유 " * 40) for n in range(20)),
    )
    return record.model_copy(update={"number": "VR-" + "9" * 90})


def long_assessment() -> Assessment:
    """A holder and a system with names of 80 letters."""
    about = subject(NAME)
    system = about.system | {"name": NAME, "version": "2.3.1", "purpose": "용도를 적는다 " * 60}
    organisation = about.organisation | {"address": "전주시 덕진구 기린대로 " * 20}
    return granted(subject=about.model_copy(update={"system": system, "organisation": organisation}))
