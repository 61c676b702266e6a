"""The test report, field by field, against ISO/IEC 17025:2017, 7.8.2 to 7.8.8."""

import re
import shutil
import subprocess
from datetime import date
from functools import cache

import pytest

from reliability.records import DataSets
from reliability.reports.document import Amendment, DocumentRecord, Issuer, Signatory
from reliability.reports.render import page_of, render
from tests.reports.sample import assessment, data
from tests.reports.test_render import Text

NUMBER = "TR-2026-31"
CLAIMS = ("KOLAS 공인", "CAT 인증", "AI 기본법 적합", "ISO certified", "ISO 인증")
# Clause, then what stands in the report for it, Korean and English.
FIELDS = [
    ("7.8.2.1 a title", "시험성적서", "Test Report"),
    ("7.8.2.1 b laboratory", "전북 인공지능 신뢰성 허브", "전북 인공지능 신뢰성 허브"),
    ("7.8.2.1 b address", "전주시 완산구 홍산로", "전주시 완산구 홍산로"),
    ("7.8.2.1 c place", "시험 장소 전주 시험실", "Place of testing 전주 시험실"),
    ("7.8.2.1 d number", NUMBER, NUMBER),
    ("7.8.2.1 d end", "– 끝 –", "– End of report –"),
    ("7.8.2.1 e customer", "온고을신용 주식회사", "온고을신용 주식회사"),
    ("7.8.2.1 e contact", "risk@example.kr", "risk@example.kr"),
    ("7.8.2.1 f method", "점검표 1.0.0의 점검 방법(4절)", "The measures of Trustworthy AI checklist 1.0.0"),
    ("7.8.2.1 f software", "reliability-workbench 0.1.0", "reliability-workbench 0.1.0"),
    ("7.8.2.1 g item", "소액대출 심사 모델 2.3.1", "소액대출 심사 모델 2.3.1"),
    ("7.8.2.1 g identity", "56" * 32, "56" * 32),
    ("7.8.2.1 g condition", "접수 상태", "Condition on receipt"),
    ("7.8.2.1 h receipt", "접수일 2026-11-20", "Received 2026-11-20"),
    ("7.8.2.1 i performance", "수행일 2026-11-20", "Performed 2026-11-20"),
    ("7.8.2.1 j issue", "발급일 2026-11-28", "Issued 2026-11-28"),
    ("7.8.2.1 k sampling", "제출된 평가 데이터 2,412행을 모두 사용", "All 2,412 evaluation rows"),
    ("7.8.2.1 l items tested only", "시험한 버전과 데이터에만 관련된다", "relate only to"),
    ("7.8.2.1 l no partial copy", "일부를 발췌하여 복제할 수 없다", "except in full"),
    ("7.8.2.1 m results with units", "11.8%p [2.0%p – 21.0%p]", "11.8 pp [2.0 pp – 21.0 pp]"),
    ("7.8.2.1 n deviations", "방법에서 벗어난 사항 시험 장비를 교체하였다", "시험 장비를 교체하였다"),
    ("7.8.2.1 o authorised by", "이도현", "이도현"),
    ("7.8.2.1 p external", "외부 제공 결과", "Results from external providers"),
    ("7.8.2.2 supplied data", "신청 기업이 제공한 정보", "Information supplied by the customer"),
    ("7.8.2.2 disclaimer", "발급 기관은 그 내용에 책임지지 않는다", "the issuer answers for none of it"),
    ("7.8.3.1 a conditions", "시험 조건", "Test conditions"),
    ("7.8.3.1 b conformity", "적합성 진술", "Statement of conformity"),
    ("7.8.3.1 c uncertainty", "측정 불확도", "Measurement uncertainty"),
    ("7.8.3.1 c not covered", "담지 않는 것: 정답의 오류", "Not covered: wrong labels"),
    ("7.8.3.1 d opinions", "의견 및 해석", "Opinions and interpretations"),
    ("7.8.6.1 rule", "판정 규칙과 그 위험", "Decision rules and their risk"),
    ("7.8.6.1 risk", "2.5%", "2.5%"),
    ("7.8.6.2 a results", "판정한 점검 항목 14건(1절)에 적용한다", "Applies to the 14 items judged (section 1)"),
    ("7.8.6.2 b specification", "ef" * 32, "ef" * 32),
    ("7.8.6.2 b not met", "9건은 적합으로 확정되지 않았고", "9 are not settled as met"),
    ("7.8.6.2 c rule", "정확 판정, 4단계 판정", "Exact, Four-way"),
    ("7.8.7 opinions apart", "시험 결과가 아니다", "not a result of testing"),
    ("7.8.8 amends", "TR-2026-30", "TR-2026-30"),
    ("7.8.8 reason", "행 수 오기 정정", "행 수 오기 정정"),
    ("not tested", "2건은 시험하지 않았다", "2 things were not tested"),
]  # fmt: skip


def report():
    return DocumentRecord(
        kind="test",
        number=NUMBER,
        issued=date(2026, 11, 28),
        issuer=Issuer(
            name="전북 인공지능 신뢰성 허브",
            address="전주시 완산구 홍산로 276",
            place="전주 시험실",
            signatories=(Signatory(name="이도현", role="평가 책임자"),),
        ),
        amends=Amendment(number="TR-2026-30", reason="행 수 오기 정정"),
        deviations=("시험 장비를 교체하였다",),
        opinions=("표본을 더 모으기를 권한다",),
    )


@cache
def told(lang):
    record = assessment(data=DataSets(evaluation=data("evaluation.parquet", 2412), training=data("t.parquet", 9)))
    return Text(page_of(record, report(), kind="test", lang=lang)).text()


@pytest.mark.parametrize(("clause", "ko", "en"), FIELDS, ids=[field[0] for field in FIELDS])
def test_every_field_of_the_standard_stands_in_the_report(clause, ko, en):
    assert ko in told("ko"), clause
    assert en in told("en"), clause


@pytest.mark.parametrize("kind", ["consulting", "summary", "test"])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_no_document_claims_what_nobody_granted(kind, lang):
    page = Text(page_of(assessment(), report().model_copy(update={"kind": kind}), kind=kind, lang=lang)).text()

    assert [claim for claim in CLAIMS if claim.lower() in page.lower()] == []


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    pytest.importorskip("weasyprint", reason="needs Pango", exc_type=OSError)
    if shutil.which("pdftotext") is None:
        pytest.skip("needs poppler-utils")
    file = tmp_path_factory.mktemp("laboratory") / "t.pdf"
    file.write_bytes(render(assessment(), report(), kind="test", lang="ko", format="pdf"))
    text = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True).stdout.decode()
    return text.removesuffix("\f").split("\f")


def test_each_page_bears_number_and_page_of_pages(pages):
    for place, page in enumerate(pages, start=1):
        assert NUMBER in page
        assert re.search(rf"\b{place}\s*/\s*{len(pages)}\b", page)


def test_each_page_says_that_it_is_not_copied_in_part(pages):
    assert all("발췌하여 복제할 수 없다" in page for page in pages)


def test_the_end_stands_once_and_on_the_last_page(pages):
    assert [bool(re.search(r"–\s*끝\s*–", page)) for page in pages] == [False] * (len(pages) - 1) + [True]
