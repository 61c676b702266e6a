import json
from datetime import date

import pytest
from pydantic import ValidationError

from reliability.errors import RecordError
from reliability.records import canonical_json
from reliability.reports.certificate_fields import Certificate, Decision, Scheme, claims
from reliability.reports.document import DocumentRecord, read_document
from tests.reports.certified import both, certified, fields, roles, scheme


def test_record_of_a_certificate_reads_back_as_it_was_written(tmp_path):
    (tmp_path / "document.json").write_bytes(canonical_json(certified()))

    assert read_document(tmp_path / "document.json") == certified()


def test_record_of_another_document_says_nothing_of_certificates():
    assert b"certificate" not in canonical_json(DocumentRecord(kind="test", number="R-1"))


def test_fields_of_a_certificate_are_refused_in_another_document():
    with pytest.raises(ValidationError, match="another kind"):
        DocumentRecord.model_validate(certified().model_dump() | {"kind": "test"})


def test_certificate_is_refused_when_issued_before_it_was_granted():
    with pytest.raises(ValidationError, match="issued before it was granted"):
        DocumentRecord.model_validate(certified().model_dump() | {"issued": date(2026, 11, 19)})


def test_record_that_is_out_of_order_is_refused_by_its_file(tmp_path):
    record = json.loads(canonical_json(certified()))
    record["certificate"]["expires"] = "2026-11-20"
    (tmp_path / "document.json").write_bytes(canonical_json(record))

    with pytest.raises(RecordError, match="expires is not after"):
        read_document(tmp_path / "document.json")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"decision": Decision(number="D", date=date(2026, 11, 26))}, "before it was decided"),
        ({"decision": Decision(number="D", date=date(2026, 11, 21)), "revisions": ()}, "before it was decided"),
        ({"expires": date(2026, 11, 20)}, "expires is not after"),
        ({"next_surveillance": date(2026, 11, 1)}, "next_surveillance is not after"),
        ({"roles": roles()[:2]}, "a reviewer and a decider are named"),
        ({"roles": ()}, "are named"),
        ({"roles": roles(decider="이도현")}, "neither reviews nor decides"),
        ({"roles": roles(reviewer="이도현")}, "neither reviews nor decides"),
        ({"revision": -1}, "greater than or equal to 0"),
        ({"chain_head": "AB" * 32}, "pattern"),
        ({"scope": ""}, "at least 1"),
        ({"scope": "x" * 4001}, "at most 4000"),
    ],
)
def test_certificate_is_refused_when_its_fields_contradict(change, told):
    with pytest.raises(ValidationError, match=told):
        Certificate(**fields(**change))


def test_a_further_edition_rests_on_a_decision_after_the_first_was_granted():
    renewed = fields(decision=Decision(number="D2", date=date(2026, 11, 24)))

    assert Certificate(**renewed).granted < renewed["decision"].date


def test_reviewer_may_decide():
    assert Certificate(**fields(roles=roles(reviewer="최민준"))).roles[0].name == "최민준"


@pytest.mark.parametrize("days", [{"expires": None}, {"next_surveillance": None}])
def test_certificate_without_a_term_is_accepted(days):
    assert Certificate(**fields(**days))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "file:///etc/passwd", "https://", "https://a b", 'https://a"b', "https://a<b>",
        "https://한글.kr", "https://a/" + "b" * 120,
    ],
)  # fmt: skip
def test_register_address_is_refused_when_it_is_not_one_to_scan(url):
    with pytest.raises(ValidationError, match="register_url"):
        Certificate(**fields(register_url=url))


CLAIMED = (
    "KOLAS 공인 시험기관", "kolas  공인", "KOLAS accredited", "CAT 인증", "CAT인증", "AI 기본법 적합",
    "AI기본법적합",
    "인공지능 기본법 적합", "ISO/IEC 42001 certified", "ISO 42001:2023 Certified", "AI Basic Act compliant",
    "ISO/IEC 42001 인증 취득", "ISO/IEC 42001 인증을 받은 모델", "ISO 42001 인증을 취득한다",
    "KO\N{ZERO WIDTH SPACE}LAS 공\N{WORD JOINER}인", "ＫＯＬＡＳ 공인",
)  # fmt: skip
UNCLAIMED = (
    "CAT 신청용 사전점검", "ISO/IEC 42001 참조", "법적 적합성을 보증하지 않는다", "AI 기본법 부합 여부 점검",
    "공인인증서",
    "ISO. The scheme is certified",
)  # fmt: skip


@pytest.mark.parametrize("text", CLAIMED)
def test_claim_that_no_document_may_make_is_found(text):
    assert list(claims(f"앞 {text} 뒤"))


@pytest.mark.parametrize("text", UNCLAIMED)
def test_words_that_claim_nothing_are_let_through(text):
    assert list(claims(text)) == []


@pytest.mark.parametrize("field", ["scope", "test_report"])
def test_field_is_refused_when_it_makes_a_claim(field):
    with pytest.raises(ValidationError, match="a claim that may stand in no document"):
        Certificate(**fields(**{field: "KOLAS 공인"}))


@pytest.mark.parametrize("field", ["name", "title", "accreditation"])
def test_scheme_is_refused_when_it_makes_a_claim(field):
    given = scheme().model_dump() | {field: {"ko": "CAT 인증", "en": "x"}}

    with pytest.raises(ValidationError, match="CAT 인증"):
        Scheme.model_validate(given)


def test_scheme_may_give_a_title_of_its_own():
    assert scheme(title=both("신뢰성 인증서")).title == both("신뢰성 인증서")
