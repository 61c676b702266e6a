import itertools
import re
import shutil
import subprocess
from datetime import date
from html.parser import HTMLParser

import jinja2
import pytest

from reliability import resources
from reliability.errors import EnvironmentLacksError
from reliability.records import Answer, Assessment, Finding, canonical_json
from reliability.reports.document import DocumentRecord, Issuer, Signatory
from reliability.reports.render import environment, page_of, render
from tests.reports.sample import assessment, subject

HOSTILE = '<link rel=attachment href="file:///etc/hostname"><script>alert(1)</script>{{ 7 * 7 }}"\'&</style>'
KINDS = ("consulting", "test")


def document(kind="consulting", **changes):
    issuer = Issuer(name="전북 인공지능 신뢰성 허브", signatories=(Signatory(name="이도현", role="평가 책임자"),))
    return DocumentRecord(
        **({"kind": kind, "number": "AR-2026-7", "issued": date(2026, 11, 20), "issuer": issuer} | changes)
    )


class Text(HTMLParser):
    """The text of a page, and its tags."""

    def __init__(self, page):
        super().__init__()
        self.words, self.tags, self.attributes = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words.append(data)

    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def pdf():
    pytest.importorskip("weasyprint", reason="needs Pango", exc_type=OSError)
    return render(assessment(), document(), kind="consulting", lang="ko", format="pdf")


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_company_name_prints_as_text(kind):
    page = Text(page_of(assessment(subject=subject(HOSTILE)), document(kind), kind=kind, lang="ko"))

    assert not {"link", "script", "iframe", "object"} & set(page.tags)
    assert HOSTILE in "".join(page.words)


def test_hostile_words_print_as_text_wherever_they_stand():
    hostile = Issuer(name=HOSTILE, address=HOSTILE, signatories=(Signatory(name=HOSTILE, role=HOSTILE),))
    page = Text(
        page_of(
            assessment(), document("test", issuer=hostile, number=HOSTILE, opinions=(HOSTILE,)), kind="test", lang="en"
        )
    )

    assert not {"link", "script"} & set(page.tags)
    assert "".join(page.words).count("{{ 7 * 7 }}") >= 5


def test_hostile_company_name_attaches_nothing_to_a_pdf():
    from weasyprint import HTML

    hostile = page_of(assessment(subject=subject(HOSTILE)), document(), kind="consulting", lang="ko")
    plain = HTML(string=hostile).write_pdf(uncompressed_pdf=True)

    assert b"/EmbeddedFile" not in plain
    assert b"/Filespec" not in plain


@pytest.mark.parametrize(
    "url", ["file:///etc/hostname", "http://127.0.0.1/", "https://example.org/a.png", "ftp://x/y", "relative.png"]
)
def test_fetcher_refuses_everything_but_data(url):
    from reliability.reports.pdf import ClosedFetcher

    with pytest.raises(ValueError, match="reads nothing from outside"):
        ClosedFetcher().fetch(url)


def test_fetcher_answers_data():
    from reliability.reports.pdf import ClosedFetcher

    assert ClosedFetcher().fetch("data:text/plain;base64,aGk=") is not None


def test_escaping_is_on_whatever_a_template_is_called():
    assert environment().from_string("{{ name }}").render(name="<b>") == "&lt;b&gt;"


def test_unknown_names_in_templates_are_errors():
    with pytest.raises(jinja2.UndefinedError):
        environment().from_string("{{ missing }}").render()


def test_user_text_is_never_compiled_as_a_template():
    page = page_of(assessment(subject=subject("{{ 7 * 7 }}")), document(), kind="consulting", lang="ko")

    assert "{{ 7 * 7 }}" in page
    assert ">49<" not in page


@pytest.mark.parametrize("path", sorted(resources.templates().glob("*.html")), ids=lambda path: path.name)
def test_template_quotes_every_attribute_and_calls_nothing_safe(path):
    source = path.read_text("utf-8")

    assert re.findall(r"=\s*{{", source) == []
    assert "|safe" not in source.replace(" ", "")
    assert "autoescape false" not in source


def test_templates_put_no_text_of_users_into_style_or_script():
    source = "".join(path.read_text("utf-8") for path in resources.templates().glob("*.html"))
    styles = "".join(re.findall(r"<style.*?</style>", source, re.DOTALL))

    assert set(re.findall(r"{{\s*([\w.]+)", styles)) == {"view.cover.colours.ink", "view.cover.colours.accent"}
    assert "<script" not in source


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_html_stands_on_its_own(kind, lang):
    page = render(assessment(), document(kind), kind=kind, lang=lang, format="html")
    read = Text(page.decode("utf-8"))

    assert len(page) < 1_000_000
    assert "script" not in read.tags
    assert f'<html lang="{lang}">' in page.decode("utf-8")
    assert not [
        value for name, value in read.attributes if name in {"src", "href"} and not value.startswith(("#", "data:"))
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_headings_skip_no_level_and_drawings_have_words(kind, lang):
    page = page_of(assessment(), document(kind), kind=kind, lang=lang)
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]

    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert page.count("<svg") == len(re.findall(r"<svg[^>]*>\s*<title>[^<]", page))


def test_consulting_report_says_that_it_is_no_certificate():
    page = Text(page_of(assessment(), document(), kind="consulting", lang="ko")).text()

    assert "인증서가 아니며 적합성 표시를 담지 않는다" in page


def test_test_report_holds_what_a_laboratory_must_say():
    page = Text(page_of(assessment(), document("test"), kind="test", lang="ko")).text()
    wanted = """시험성적서 | AR-2026-7 | 전북 인공지능 신뢰성 허브 | 온고을신용 주식회사 | 접수일 | 발급일 | 수행일
        | 표본 | 판정 규칙과 그 위험 | 2.5% | 시험한 버전 | 일부를 발췌하여 복제할 수 없다 | 이도현 | – 끝 –
        | 방법에서 벗어난 사항 | 신고된 사항 없음 | 시험 장소 | 기재 없음 | 승인 | 외부 제공 결과"""
    identified = ["56" * 32, "34" * 32, *(words.strip() for words in wanted.split("|"))]

    assert [words for words in identified if words not in page] == []


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_item_stands_in_the_report(lang):
    page = Text(page_of(assessment(), document(), kind="consulting", lang=lang)).text()

    assert [found.item for found in assessment().findings if page.count(found.item) < 2] == []


def test_report_says_when_nobody_issued_it():
    ko = Text(page_of(assessment(), DocumentRecord(kind="test"), kind="test", lang="ko")).text()
    en = Text(page_of(assessment(), DocumentRecord(kind="test"), kind="test", lang="en")).text()

    assert "발급 정보 없음" in ko
    assert "Not issued" in en


def test_report_names_the_document_it_replaces():
    amended = document("test", amends={"number": "AR-2026-6", "reason": "오기 정정"})

    assert "AR-2026-6" in page_of(assessment(), amended, kind="test", lang="ko")


def test_report_of_an_assessment_read_back_is_the_same():
    again = Assessment.model_validate_json(canonical_json(assessment()))

    assert page_of(again, document(), kind="test", lang="ko") == page_of(
        assessment(), document(), kind="test", lang="ko"
    )


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_report_renders_when_nothing_is_open_and_nothing_was_left_out(lang):
    passed = tuple(found for found in assessment().findings if found.verdict in {"pass", "reported"})
    whole = assessment(findings=passed, outcome="conforms", not_tested=())

    assert "–" in Text(page_of(whole, document(), kind="consulting", lang=lang)).text()


def test_report_without_a_model_says_that_none_was_run():
    handed_in = assessment(subject=subject().model_copy(update={"model": None}))

    assert "제출된 예측값" in page_of(handed_in, document("test"), kind="test", lang="ko")


def test_pdf_has_the_same_bytes_twice(pdf, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Seoul")

    assert render(assessment(), document(), kind="consulting", lang="ko", format="pdf") == pdf


@pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="needs poppler-utils")
def test_pdf_is_tagged_and_has_its_title(tmp_path, pdf):
    (tmp_path / "r.pdf").write_bytes(pdf)
    told = subprocess.run(["pdfinfo", str(tmp_path / "r.pdf")], capture_output=True, check=True).stdout.decode("utf-8")

    assert re.search(r"Tagged:\s+yes", told)
    assert re.search(r"Title:\s+인공지능 신뢰성 자문 보고서", told)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")
def test_pdf_gives_its_korean_back_whole(tmp_path, pdf):
    (tmp_path / "r.pdf").write_bytes(pdf)
    told = subprocess.run(["pdftotext", str(tmp_path / "r.pdf"), "-"], capture_output=True, check=True).stdout.decode(
        "utf-8"
    )

    assert "\N{WORD JOINER}" not in told
    for words in (
        "인공지능 신뢰성 자문 보고서",
        "결론을 결정하는 부적합 항목이 2건 있어 기준을 충족하지 못한다",
        "집단 간 선택률 비가 기준을 충족하지 못한다",
        "비교 집단 중 최고값의 80%",
    ):
        assert words in " ".join(told.split())


EMOJI = "🙂🇰🇷👩\N{ZERO WIDTH JOINER}👧"
NAMES = {"ko": "가나다라마" * 60, "en": "abcdefghij" * 30}


def overlong():
    """An assessment of twelve sections of one item each, with names without spaces and texts longer than a page."""
    record, sections, findings = assessment(), [], []
    for place in range(12):
        text = f"매우 긴 요구사항이 이어진다 {EMOJI} " * (110 if place % 6 == 0 else 1)
        item = {"id": f"S-{place:02}", "title": NAMES, "requirement": text, "remedy": text, "severity": "major"}
        sections.append({"id": f"S{place}", "title": NAMES, "items": [item]})
        given = Answer(answer="not_met", by=NAMES["ko"], note=text)
        measured = next(found.criteria for found in record.findings if found.item == "FAI-02")
        how = {"criteria": measured} if place % 4 == 0 else {"answer": given}
        findings.append(Finding(item=item["id"], severity="major", verdict="fail", **how))
    content = record.checklist.content | {"sections": sections}
    checklist = record.checklist.model_copy(update={"content": content})
    return assessment(checklist=checklist, findings=tuple(findings), subject=subject(NAMES["en"]), not_tested=())


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")
@pytest.mark.parametrize("kind", KINDS)
def test_overlong_texts_stay_on_their_pages(tmp_path, kind):
    pytest.importorskip("weasyprint", reason="needs Pango", exc_type=OSError)
    (tmp_path / "r.pdf").write_bytes(render(overlong(), document(kind), kind=kind, lang="ko", format="pdf"))
    told = subprocess.run(["pdftotext", "-bbox", str(tmp_path / "r.pdf"), "-"], capture_output=True, check=True)
    places = re.findall(r'xMin="([-0-9.]+)" yMin="[-0-9.]+" xMax="([-0-9.]+)" yMax="([-0-9.]+)"', told.stdout.decode())

    assert len(places) > 500
    assert [place for place in places if float(place[0]) < 50 or float(place[1]) > 550 or float(place[2]) > 842] == []


def test_test_report_bears_no_advice():
    page = Text(page_of(assessment(), document("test"), kind="test", lang="ko")).text()

    assert [
        words for words in ("개선 방안", "판정을 확정하려면", "제출할 근거", "가장 먼저 고쳐야") if words in page
    ] == []


@pytest.mark.parametrize("kind", KINDS)
def test_report_says_that_items_asked_were_not_tested(kind):
    page = Text(page_of(assessment(), document(kind), kind=kind, lang="en")).text()

    assert "5 items were answered by the applicant; they were not tested." in page


def test_missing_pango_is_told_with_the_line_that_gets_it(monkeypatch, tmp_path):
    lacking = "raise OSError(\"cannot load library 'libpango-1.0-0'\\nsecond line\")\n"
    (tmp_path / "weasyprint.py").write_text(lacking, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(EnvironmentLacksError, match=r"needs Pango: cannot load library .*apt-get install"):
        render(assessment(), document(), kind="consulting", lang="ko", format="pdf")
