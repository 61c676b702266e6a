"""A published certificate, made by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from reliability.certification.published import Published

NUMBER = "JJ-C-2026-0001"


def certificate(
    *, status: str = "active", reason: str | None = None, then: tuple[str, ...] = (), overdue: bool = False,
    **shown: Any,
) -> Published:  # fmt: skip
    """A certificate issued on 2 November 2026; taken out of force on 1 December, where its status says so."""
    changed = [] if status == "active" else [happened(status, "2026-12-01", 20, reason)]
    changed += [happened(kind, "2026-12-20", 21 + place) for place, kind in enumerate(then)]
    return Published.model_validate({
        "status": "active" if then else status, "register": "f" * 32, "case": "JJ-2026-0001", "number": NUMBER,
        "scheme": {"id": "verification", "version": "1.0.0", "sha256": "5c" * 32, "status_max_age_days": 30},
        "editions": [{
            "revision": 1, "event": "11" * 32, "sequence": 10, "at": "2026-11-02T09:00:00+00:00", "head": "22" * 32,
            "granted": "2026-11-02", "issued": "2026-11-02", "expires": "2028-11-01",
            "next_surveillance": "2027-11-02", "statement": "33" * 32, "public": "44" * 32, "model": "56" * 32,
            "papers": [paper(lang) for lang in ("ko", "en")], "reason": None,
        }],
        "history": [happened("issued", "2026-11-02", 10, event="11" * 32), *changed],
        "conditions": [], "shown": told(overdue=overdue) | shown,
    })  # fmt: skip


def paper(lang: str) -> dict[str, str]:
    return {"kind": "certificate", "lang": lang, "number": NUMBER, "sha256": "77" * 32}


def happened(kind: str, day: str, sequence: int, reason: str | None = None, event: str = "99" * 32) -> dict[str, Any]:
    return {"kind": kind, "at": f"{day}T09:00:00+00:00", "reason": reason, "event": event, "sequence": sequence}


def both(text: str) -> dict[str, str]:
    return {"ko": text, "en": f"{text} (en)"}


def told(*, overdue: bool) -> dict[str, Any]:
    due = date(2027, 1, 31) if overdue else date(2027, 6, 30)
    return {
        "issuer": "전북 인공지능 신뢰성 허브", "title": both("검증 결과서"), "scheme": both("검증 제도"),
        "accreditation": None, "organisation": {"name": "온고을신용", "registration": "402-81-00000"},
        "system": {"name": "소액대출 심사 모델", "version": "2.3.1", "purpose": "소액대출 승인 제안"},
        "scope": both("소액대출 승인 제안"), "outcome": "conforms_with_conditions",
        "checklist": {"id": "certification", "version": "1.0.0", "sha256": "88" * 32},
        "evaluation": {"sha256": "34" * 32, "rows": 20_000, "origin": "evaluator_held"},
        "conditions": [{"item": "PER-01", "text": "성능을 높인다.", "due": due, "met": None}],
        "exclusions": [both("법적 적합성의 보증")],
        "not_assessed": [{"what": "DAT-07", "title": both("정보 누출"), "code": "no_training_data", "with": {}}],
        "roles": [{"role": "evaluator", "name": None}, {"role": "decider", "name": "최민준", "position": "위원장"}],
        "decision": "JJ-2026-0001-D1", "decided": "2026-11-02", "consultancy": True, "sealing_proven": True,
        "register_url": f"https://register.example.kr/c/{NUMBER}",
    }  # fmt: skip
