import itertools
import re
import shutil
import subprocess
from datetime import UTC, date, datetime
from html import unescape

import pytest

from reliability import resources
from reliability.errors import RecordError
from reliability.records import canonical_json
from reliability.reports.certificate import SPECIMEN_CODE, certificate_view
from reliability.reports.certificate_pages import (
    SIGNATURE_BOX,
    certificate_page,
    render_certificate,
    render_specimen,
)
from reliability.reports.document import DocumentRecord, contrast_with_white, document_from_issuer
from reliability.words.text import LANGUAGES, words
from tests.reports.certified import (
    CHAIN_HEAD,
    NAME,
    SCOPE,
    URL,
    both,
    certified,
    granted,
    long_assessment,
    long_record,
    scheme,
)
from tests.reports.sample import assessment, subject
from tests.reports.screening_sample import screened
from tests.reports.worst import worst, worst_document

A4_LANDSCAPE = (841.89, 595.28)
FRAME = 12 / 25.4 * 72  # points from the edge of the page
BLANK = DocumentRecord(kind="certificate")
LIMITS = {
    "ko": "이 문서는 위에 적은 버전에만 관련된다. 중대한 변경이 있으면 다시 심사받아야 한다. "
    "법적 적합성을 보증하지 않는다.",
    "en": "relates only to the version stated above. A significant change requires reassessment. "
    "It is no guarantee of legal conformity.",
}
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")


def text_of(page):
    """The words of a page, without its styles and tags."""
    plain = re.sub(r"<style.*?</style>|<svg.*?</svg>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", plain)).split())


def page(document=None, lang="ko", of=None):
    return certificate_page(of or granted(), document or certified(), lang=lang)


def view(document=None, lang="ko", of=None):
    return certificate_view(of or granted(), document or certified(), words(lang))


def rows(viewed):
    """What stands against every name of the particulars."""
    return {row.name: row.text or row.code for section in viewed.sections for row in section.rows}


@pytest.fixture(scope="module")
def pdfs(tmp_path_factory):
    pytest.importorskip("weasyprint", reason="needs Pango", exc_type=OSError)
    folder = tmp_path_factory.mktemp("certificates")
    for lang in LANGUAGES:
        for name, content in (
            ("issued", render_certificate(granted(), certified(), lang=lang, format="pdf")),
            ("specimen", render_specimen(assessment(), BLANK, lang=lang, format="pdf")),
            ("long", render_certificate(long_assessment(), long_record(), lang=lang, format="pdf")),
            ("worst", render_specimen(worst(), worst_document("certificate"), lang=lang, format="pdf")),
        ):
            (folder / f"{name}.{lang}.pdf").write_bytes(content)
    return folder


def told(*command):
    return subprocess.run([*map(str, command)], capture_output=True, check=True).stdout.decode("utf-8")


def placed(file, number=1):
    """Every word of a page with its box: left, top, right, bottom in points from the upper left corner."""
    pages = re.findall(r"<page.*?</page>", told("pdftotext", "-bbox", file, "-"), re.DOTALL)
    found = re.findall(r'xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)<', pages[number - 1])
    boxes = [(word, *map(float, box)) for *box, word in found]
    return [box for box in boxes if box[4] - box[2] < 60]  # without the watermark


CASES = [f"{name}.{lang}.pdf" for name in ("issued", "specimen", "long", "worst") for lang in LANGUAGES]


# What it says


@pytest.mark.parametrize("lang", LANGUAGES)
def test_certificate_holds_every_field_of_the_list(lang):
    told_words = text_of(page(lang=lang))
    named = words(lang)
    fields = """number scheme criteria criteria_year holder holder_registration holder_address body body_address
        accreditation system purpose scope exclusions not_assessed risk rule conditions test_report decision granted
        issued expires next_surveillance model evaluation_data training_data checklist manifest chain_head register
        signature revision revisions amends consultancy sealing how readers roles left_out tier"""

    assert [name for name in fields.split() if named.text(f"certificate.row.{name}") not in told_words] == []


def test_certificate_holds_the_values_of_its_records():
    wanted = (
        "VR-2026-00417", "개정 1", "신뢰성 검증 제도 1.0 (verification)", "온고을신용 주식회사", "402-81-00000",
        "소액대출 심사 모델 2.3.1", "소액대출 승인 제안에 한정한다.", "사업자 대출", "조건부 충족", "TR-2026-0012",
        "FAI-02: 선택률 비를 높인다 (기한 2027-03-31)", "DEC-2026-7 (2026-11-17)", "2026-11-20", "2026-11-25",
        "2028-11-19", "2027-11-18", CHAIN_HEAD, "56" * 32, "34" * 32, URL, "(2026)", "PAdES B-T",
        "평가자 이도현 (책임연구원), 검토자 박서연, 결정자 최민준 (위원장)", "전주시 덕진구 기린대로 451",
        "1 (2026-11-25): 주소 변경", "해당 없음(공인기관 인정 범위의 업무가 아님)",
        "시험 계획의 봉인 시점은 독립적으로 증명되지 않음",
    )  # fmt: skip
    told_words = text_of(page())

    assert [value for value in wanted if value not in told_words] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_field_is_left_empty(lang):
    bare = certified(
        expires=None, next_surveillance=None, criteria_year=None, exclusions=(), chain_head=None, revisions=(),
        signature=None,
    )  # fmt: skip
    without = granted(not_tested=(), subject=subject().model_copy(update={"model": None}))
    viewed = view(bare, lang, without)
    everything = [*viewed.wide, *itertools.chain(*viewed.columns), *(r for part in viewed.sections for r in part.rows)]

    assert [row.name for row in everything if not (row.text or row.code)] == []
    assert sum(row.text == words(lang).text("certificate.not_applicable") for row in everything) >= 8


@pytest.mark.parametrize("lang", LANGUAGES)
def test_certificate_states_its_limits(lang):
    assert LIMITS[lang] in text_of(page(lang=lang))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["model", "evaluation_data", "checklist", "chain_head"])
def test_digests_stand_short_on_the_first_page_and_whole_on_the_next(name, lang):
    viewed = view(lang=lang)
    named = words(lang).text(f"certificate.row.{name}")
    short = next(row.text for row in viewed.columns[2] if row.name == named)

    assert re.fullmatch(r"[0-9a-f]{16}…", short)
    assert re.fullmatch(rf"{short[:16]}[0-9a-f]{{48}}", rows(viewed)[named])


def test_certificate_without_accreditation_is_called_a_statement_of_results():
    told_words = text_of(page())

    assert view().cover.title == "검증 결과서"
    assert "인증서" not in told_words


def test_certificate_bears_the_title_that_its_scheme_gives():
    titled = certified(scheme=scheme(title=both("신뢰성 인증서"), accreditation=both("인정 번호 7")))

    assert view(titled).cover.title == "신뢰성 인증서"
    assert view(titled, "en").cover.title == "신뢰성 인증서 (en)"
    assert rows(view(titled))["기관 인정"] == "인정 번호 7"


@pytest.mark.parametrize(
    ("change", "row", "told_words"),
    [
        ({"consultancy": True}, "자문", "같은 기관이 자문을 제공함"),
        ({"sealing_proven": True}, "계획의 봉인", "시험 계획의 봉인 시점을 외부 시점 확인으로 증명함"),
        ({"signature": "B-B"}, "전자서명", "전자서명(PAdES B-B), 외부 시점 확인 없음"),
    ],
)
def test_certificate_says_what_bears_on_its_worth(change, row, told_words):
    assert rows(view(certified(**change)))[row] == told_words


def test_certificate_names_the_one_that_it_replaces():
    amended = certified().model_copy(
        update={"amends": document_from_issuer(None, kind="test", amends="VR-1", reason="오기").amends}
    )

    assert rows(view(amended))["대체하는 문서"] == "VR-1: 오기"


def test_risk_tier_stands_with_its_reasons():
    about = subject().model_copy(update={"screening": screened().model_dump(mode="json")})
    risk = rows(view(of=granted(subject=about)))["위험 등급과 근거"]

    assert risk.startswith("허브 위험 등급 T")
    assert "고영향 인공지능 해당 여부: 법이 정한 영역에서" in risk


@pytest.mark.parametrize("screening", [None, {"screening": 99}])
def test_certificate_of_a_system_that_was_not_screened_says_so(screening):
    about = subject().model_copy(update={"screening": screening})

    assert rows(view(of=granted(subject=about)))["위험 등급과 근거"] == "해당 없음(위험도 점검 결과 없음)"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_words_of_certificates_claim_nothing_that_they_may_not(lang):
    from reliability.reports.certificate_fields import claims

    told_words = text_of(page(lang=lang)) + text_of(page(BLANK, lang, assessment()))

    assert list(claims(told_words)) == []
    assert not re.search(r"KOLAS|ISO|CAT", told_words)


# When it may be issued


@pytest.mark.parametrize("field", ["certificate", "number", "issued", "issuer"])
def test_certificate_is_refused_when_its_record_lacks_a_field(field):
    with pytest.raises(RecordError, match=f"document.json: {field}: a certificate cannot do without"):
        render_certificate(granted(), certified().model_copy(update={field: None}), lang="ko", format="html")


@pytest.mark.parametrize("outcome", ["does_not_conform", "undetermined"])
def test_certificate_is_refused_on_an_outcome_that_earns_none(outcome):
    with pytest.raises(RecordError, match=f"{outcome}: no certificate"):
        render_certificate(assessment(outcome=outcome), certified(), lang="ko", format="html")


def test_certificate_with_conditions_is_refused_when_it_names_none():
    with pytest.raises(RecordError, match="names none"):
        render_certificate(granted(), certified(conditions=()), lang="ko", format="html")


def test_certificate_without_conditions_is_written_where_all_conforms():
    whole = render_certificate(assessment(outcome="conforms"), certified(conditions=()), lang="ko", format="html")

    assert "기준 충족" in text_of(whole.decode("utf-8"))


@pytest.mark.parametrize("claim", ["KOLAS 공인", "ISO/IEC 42001 certified"])
def test_certificate_is_refused_when_a_text_of_the_applicant_makes_a_claim(claim):
    with pytest.raises(RecordError, match=claim):
        page(of=granted(subject=subject(claim)))


# The specimen


@pytest.mark.parametrize("lang", LANGUAGES)
def test_specimen_says_that_it_is_one(lang):
    specimen = page(BLANK, lang, assessment())
    viewed = view(BLANK, lang, assessment())

    assert f'class="sheet specimen {lang}"' in specimen
    assert viewed.cover.number == viewed.number == {"ko": "견본", "en": "Specimen"}[lang]
    assert words(lang).text("certificate.specimen_notice") in text_of(specimen)
    assert viewed.code.text == SPECIMEN_CODE
    assert "<a " not in specimen


def test_specimen_of_a_record_that_carries_a_certificate_is_the_same_specimen():
    full = certified().model_copy(update={"issuer": None})

    assert render_specimen(granted(), full, lang="ko", format="html") == render_specimen(
        granted(), BLANK, lang="ko", format="html"
    )


def test_specimen_of_a_record_that_carries_a_certificate_shows_none_of_it():
    specimen = text_of(render_specimen(granted(), certified(), lang="ko", format="html").decode("utf-8"))

    assert [told for told in ("VR-2026-00417", URL, "DEC-2026-7", CHAIN_HEAD, "2026-11-25") if told in specimen] == []
    assert "전북 인공지능 신뢰성 허브" in specimen


def test_certificate_bears_no_word_of_a_specimen():
    issued = page()

    assert "sheet specimen" not in issued
    assert "견본" not in text_of(issued)
    assert "발급할 때" not in text_of(issued)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_watermark_stands_in_print_and_on_the_screen(lang):
    style = (resources.templates() / "certificate.css").read_text("utf-8")
    word = {"ko": "견본", "en": "SPECIMEN"}[lang]

    assert f".specimen.{lang} {{ page: specimen-{lang}; }}" in style
    assert re.search(rf"@page specimen-{lang} {{ background: url\([^)]*\)[^)]*{word}%3C/text%3E", style)
    assert re.search(rf"\.sheet\.{lang}\.specimen {{ background-image: [^}}]*{word}%3C/text%3E", style)


def test_text_over_the_watermark_can_be_read():
    style = (resources.templates() / "certificate.css").read_text("utf-8")
    under = {f"#{colour}" for colour in re.findall(r"fill='%23(\w{6})'", style)}
    texts = set(re.findall(r"[^-]color: (#\w{6})", style)) | {"#5B6675", "#14213D"}

    assert len(under) == 1
    assert min(contrast_with_white(text) / contrast_with_white(*under) for text in texts) >= 4.5


# As a page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_html_stands_on_its_own(lang):
    for content in (
        render_certificate(granted(), certified(), lang=lang, format="html"),
        render_specimen(assessment(), BLANK, lang=lang, format="html"),
    ):
        text = content.decode("utf-8")

        assert len(content) < 200_000
        assert f'<html lang="{lang}">' in text
        assert not re.search(r"<script|<link|@import|src=\"(?!data:)", text)
        assert set(re.findall(r'href="([^"]*)"', text)) <= {URL}
        assert not re.findall(r"url\(\"(?!data:)", text)


@pytest.mark.parametrize("document", [certified(), BLANK], ids=["issued", "specimen"])
def test_headings_skip_no_level_and_drawings_have_words(document):
    written = page(document)
    levels = [int(level) for level in re.findall(r"<h([1-6])", written)]

    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert written.count("<svg") == len(re.findall(r"<svg[^>]*>\s*<title>[^<]", written))


def test_hostile_texts_print_as_text():
    written = certificate_page(worst(), worst_document("certificate"), lang="ko")

    assert not re.search(r"<(?:script|link|iframe|object)\b", written)
    assert "{{ 7*7 }}" in unescape(written)


@pytest.mark.parametrize(("letters", "size"), [("가" * 22, "large"), ("가" * 35, "middle"), ("가" * 80, "small")])
def test_long_names_are_set_smaller(letters, size):
    viewed = view(of=granted(subject=subject(letters)))

    assert (viewed.holder.text, viewed.holder.size) == (letters, size)


def test_text_too_long_for_the_first_page_stands_whole_on_the_next():
    longer = SCOPE + "끝" * 100
    viewed = view(certified(scope=longer))

    assert next(row.text for row in viewed.wide if row.name == "범위").endswith("…")
    assert rows(viewed)["범위"] == longer


@pytest.mark.parametrize("changed", [{"lang": "en"}, {"of": granted(seed=7)}])
def test_identifier_tells_certificates_apart(changed):
    from reliability.reports.render import identified

    first = identified(granted(), certified(), "certificate ko")

    assert first != identified(changed.get("of", granted()), certified(), f"certificate {changed.get('lang', 'ko')}")


# In print


@needs_poppler
@pytest.mark.parametrize("case", CASES)
def test_words_keep_inside_the_frame(pdfs, case):
    count = int(re.search(r"Pages:\s+(\d+)", told("pdfinfo", pdfs / case)).group(1))
    boxes = [box for number in range(1, count + 1) for box in placed(pdfs / case, number)]

    assert len(boxes) > 150
    assert [
        box
        for box in boxes
        if box[1] < FRAME
        or box[2] < FRAME - 1
        or box[3] > A4_LANDSCAPE[0] - FRAME
        or box[4] > A4_LANDSCAPE[1] - FRAME + 1
    ] == []


@needs_poppler
@pytest.mark.parametrize("case", CASES)
def test_no_word_of_the_first_page_is_printed_over_another(pdfs, case):
    # A box is as high as the line that the typeface asks for: letters fill its middle.
    boxes = [
        (word, x0, y0 + (y1 - y0) * 0.3, x1, y1 - (y1 - y0) * 0.25) for word, x0, y0, x1, y1 in placed(pdfs / case)
    ]
    over = [
        (one[0], other[0])
        for one, other in itertools.combinations(boxes, 2)
        if min(one[3], other[3]) - max(one[1], other[1]) > 0.5 and min(one[4], other[4]) - max(one[2], other[2]) > 0
    ]

    assert over == []


@needs_poppler
@pytest.mark.parametrize("case", CASES)
def test_field_of_the_signature_and_place_of_the_seal_stay_empty(pdfs, case):
    left, bottom, right, top = SIGNATURE_BOX
    height = A4_LANDSCAPE[1]
    boxes = placed(pdfs / case)
    signed = [box[0] for box in boxes if box[3] > left - 1 and box[4] > height - top and box[2] < height - bottom]
    seal = [box[0] for box in boxes if 511 < box[1] < 580 and box[2] > height - 131 and box[4] < height - 57]

    assert signed == []
    assert seal in (["직인"], ["Seal"])
    assert right <= A4_LANDSCAPE[0] - 22 / 25.4 * 72 + 1


@needs_poppler
@pytest.mark.parametrize("lang", LANGUAGES)
def test_name_of_80_letters_and_scope_of_300_stand_whole_on_the_first_page(pdfs, lang):
    first = "".join(told("pdftotext", "-l", "1", pdfs / f"long.{lang}.pdf", "-").split())

    assert first.count(NAME.replace(" ", "")) >= 4  # holder, system, and the issuing body twice
    assert f"{NAME.replace(' ', '')}2.3.1" in first
    assert "".join(SCOPE.split()) in first
    assert (len(NAME), len(SCOPE)) == (80, 300)


@needs_poppler
@pytest.mark.parametrize("case", CASES)
def test_every_page_bears_the_number_and_its_own(pdfs, case):
    pages = told("pdftotext", "-layout", pdfs / case, "-").split("\f")[:-1]
    number = {"issued": "VR-2026-00417", "long": "VR-999"}.get(case.split(".")[0])
    number = number or {"ko": "견본", "en": "Specimen"}[case.split(".")[1]]

    assert len(pages) == {"issued": 2, "specimen": 2}.get(case.split(".")[0], len(pages))
    assert len(pages) >= 2
    assert [place for place, words_of in enumerate(pages, 1) if number not in words_of] == []
    assert [
        place for place, words_of in enumerate(pages, 1) if not re.search(rf"{place}\s*/\s*{len(pages)}", words_of)
    ] == []


@needs_poppler
@pytest.mark.parametrize("case", CASES)
def test_pages_are_a4_across_and_carry_the_public_record(pdfs, case):
    size = re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", told("pdfinfo", pdfs / case))

    assert [float(side) for side in size.groups()] == pytest.approx(A4_LANDSCAPE, abs=0.1)
    assert "public-record.json" in told("pdfdetach", "-list", pdfs / case)


@needs_poppler
def test_print_gives_its_korean_back_whole(pdfs):
    printed = " ".join(told("pdftotext", pdfs / "issued.ko.pdf", "-").split())

    assert "\N{WORD JOINER}" not in printed
    assert LIMITS["ko"] in printed


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("profile", ["3a", "ua1"])
def test_print_conforms_to_the_standards(pdfs, case, profile):
    validator = pytest.importorskip("page", reason="needs page-validation")
    report = validator.validate_pdf(str(pdfs / case), profile=profile)

    assert [(failure.rule_id, failure.message) for failure in report.failures] == []
    assert report.rules.total > 100


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="needs qpdf")
@pytest.mark.parametrize("case", CASES)
def test_print_is_sound(pdfs, case):
    assert "No syntax or stream encoding errors" in told("qpdf", "--check", pdfs / case)


def test_print_has_the_same_bytes_twice(pdfs, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Seoul")

    assert (pdfs / "issued.ko.pdf").read_bytes() == render_certificate(granted(), certified(), lang="ko", format="pdf")


def test_certificate_of_records_read_back_is_the_same():
    again = DocumentRecord.model_validate_json(canonical_json(certified()))

    assert page(again) == page()


def test_dates_of_the_file_are_those_of_the_record():
    written = page()
    specimen = page(BLANK, of=assessment())

    assert '<meta name="dcterms.created" content="2026-11-25">' in written
    assert f'content="{assessment().dates.finished.isoformat()}"' in specimen
    assert str(datetime.now(UTC).date()) not in written or datetime.now(UTC).date() == date(2026, 11, 25)
