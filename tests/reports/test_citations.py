"""What documents print of references: the mark of an unconfirmed clause, and the works that are cited."""

import pytest

from reliability.reports.citations import cited, marked, works
from reliability.reports.document import DocumentRecord
from reliability.reports.findings import finding_views
from reliability.reports.render import render
from reliability.words.text import LANGUAGES, words
from tests.reports.sample import assessment, content

NOTE = {"ko": "(† 아직 확인하지 않은 조항)", "en": "(† clause not yet confirmed)"}


def citing(*keys):
    """The sample assessment, its every item citing these."""
    told = content()
    for section in told["sections"]:
        for item in section["items"]:
            item["references"] = list(keys)
    checklist = assessment().checklist.model_copy(update={"content": told})
    return assessment(checklist=checklist)


@pytest.mark.parametrize(
    ("key", "printed"),
    [("TTA-09", "TTA-09"), ("ISO-42001-A.2.2", "ISO-42001-A.2.2†"), ("KRD-27-2", "KRD-27-2†"), ("사내-1", "사내-1")],
)
def test_key_is_marked_where_its_clause_is_not_confirmed(key, printed):
    assert marked(key) == printed


@pytest.mark.parametrize("lang", LANGUAGES)
def test_line_says_what_the_mark_means(lang):
    line = cited(["TTA-09", "ISO-42001-A.2.2", "사내-1"], words(lang))

    assert line == f"TTA-09 · ISO-42001-A.2.2† · 사내-1 {NOTE[lang]}"


@pytest.mark.parametrize("keys", [(), ("TTA-09",), ("사내-1", "KR-34-1-1")])
def test_line_without_doubt_says_nothing_of_it(keys):
    assert cited(keys, words("ko")) == " · ".join(keys)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_findings_print_their_references_marked(lang):
    found = next(finding_views(citing("TTA-09", "EU-10-2-g"), words(lang)))

    assert found.references == f"TTA-09 · EU-10-2-g† {NOTE[lang]}"


def test_works_are_told_once_in_the_order_of_the_list():
    rows = list(works(citing("RMF-MAP-1.1", "KR-34-1-1", "TTA-09", "TTA-01", "KR-3-2"), words("en")))

    assert [row.name for row in rows] == [
        "TTA guide to developing trustworthy AI (TTAK.KO-10.1497)",
        "AI Basic Act of Korea",
        "AI Risk Management Framework (NIST AI RMF)",
    ]
    assert rows[1].text == "Act No. 21311 (2026-01-20), National Assembly of the Republic of Korea. 2 clauses cited."
    assert rows[2].text.endswith("1 clause cited.")


@pytest.mark.parametrize(
    ("keys", "ko", "en"),
    [
        (["EU-9"], "인용한 조항 1개.", "1 clause cited."),
        (["EU-9", "EU-10"], "이 가운데 1개는 아직 확인하지 않았다(†).", "1 of them not yet confirmed (†)."),
        (["EU-9", "EU-10", "EU-10-3"], "이 가운데 2개는 아직 확인하지 않았다(†).", "2 of them not yet confirmed (†)."),
        (["EU-10", "EU-10-3"], "모두 아직 확인하지 않았다(†).", "None of them confirmed yet (†)."),
        (["EU-10"], "이 가운데 1개는 아직 확인하지 않았다(†).", "1 of them not yet confirmed (†)."),
    ],
)
def test_work_says_how_many_of_its_clauses_are_not_confirmed(keys, ko, en):
    for lang, ending in (("ko", ko), ("en", en)):
        (row,) = works(citing(*keys), words(lang))

        assert row.text.endswith(ending)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_keys_that_are_not_listed_stand_together_as_written(lang):
    *_, last = works(citing("사내-2", "TTA-09", "사내-1"), words(lang))

    assert (last.name, last.text) == (words(lang).text("report.unlisted"), "사내-1 · 사내-2")


def test_checklist_without_references_cites_no_work():
    assert list(works(citing(), words("ko"))) == []


@pytest.mark.parametrize("kind", ["consulting", "test"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_documents_print_the_works_and_what_a_citation_means(kind, lang):
    page = render(citing("TTA-09", "<b>"), DocumentRecord(kind=kind), kind=kind, lang=lang, format="html").decode()

    assert words(lang).text("heading.works") in page
    assert words(lang).text("report.works_note") in page
    assert "TTAK.KO-10.1497" in page
    assert "&lt;b&gt;" in page


def test_documents_without_references_have_no_heading_for_them():
    page = render(citing(), DocumentRecord(kind="test"), kind="test", lang="en", format="html").decode()

    assert words("en").text("heading.works") not in page
