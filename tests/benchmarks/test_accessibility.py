"""The check of accessibility finds what is broken, and finds nothing broken in any document."""

import pytest

from benchmarks.accessibility import Broken, Result, examine, missing, page
from benchmarks.accessibility_pages import OF_A_CASE, pages
from tests.small_case import assessed, checklist, handed_in

LACKS = missing()
needs_a_browser = pytest.mark.skipif(bool(LACKS), reason=LACKS or "everything is there")

FRAME = (
    '<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>t</title></head><body>{body}</body></html>'
)
WHOLE = '<main><h1>제목</h1><p>본문</p><img alt="그림" src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main>'
FAULTS = {
    "image-alt": '<main><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main>',
    "color-contrast": '<main><p style="color: #bbb; background: #fff">pale</p></main>',
    "link-name": '<main><a href="#x"></a></main>',
    "target-size": '<main style="font-size: 8px"><a href="#a">a</a><br><a href="#b">b</a></main>',
}
REGISTER = [".", "JJ-C-2026-0001", "JJ-C-2026-0002", "numbers/2026-0001", "organisations/k08", "organisations/k09"]
DOCUMENTS = [
    *OF_A_CASE, "screening", "comparison", "certificate", "consulting with advice",
    *(f"register: {name}" for name in REGISTER),
]  # fmt: skip


@needs_a_browser
def test_page_without_fault_breaks_no_rule():
    found = examine(FRAME.format(lang="ko", body=WHOLE))

    assert found.violations == ()
    assert found.passed > 3


@needs_a_browser
@pytest.mark.parametrize("rule", FAULTS)
def test_page_with_a_fault_breaks_its_rule(rule):
    assert rule in {one.rule for one in examine(FRAME.format(lang="en", body=FAULTS[rule])).violations}


@needs_a_browser
def test_page_without_a_language_breaks_a_rule():
    assert "html-has-lang" in {one.rule for one in examine(FRAME.format(lang="", body=WHOLE)).violations}


@needs_a_browser
def test_page_that_quotes_the_end_of_a_script_is_examined_whole():
    body = '<main><img title="&lt;/script&gt;&lt;/body&gt;" src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main>'

    assert len(examine(FRAME.format(lang="en", body=body)).violations) <= 1


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    folder = tmp_path_factory.mktemp("accessible")
    assessed(handed_in(folder / "in"), checklist(folder / "list"), folder / "case")
    return {(name, lang): content for name, lang, content in pages(folder / "case", folder / "out")}


def test_every_document_is_examined_in_both_languages(documents):
    assert sorted(documents) == sorted((name, lang) for lang in ("ko", "en") for name in DOCUMENTS)
    assert all(f'<html lang="{lang}"' in content for (_, lang), content in documents.items())


# Of the words only are there two: what axe looks at is the same in both, and script/validate examines both.
@needs_a_browser
@pytest.mark.parametrize("name", DOCUMENTS)
def test_document_breaks_no_rule(documents, name):
    found = examine(documents[name, "ko"], document=name, lang="ko")

    assert {one.rule: one.places[:3] for one in found.violations} == {}


def result(*broken, document="test", lang="ko"):
    return Result(document=document, lang=lang, passed=20, violations=broken, incomplete=())


BROKEN = Broken(
    rule="image-alt", impact="critical", help="Images must have alternative text", places=("img", "#a > img")
)


def test_page_of_results_names_rule_document_and_place():
    text = page([result(BROKEN), result(document="summary", lang="en")], "axe-core 1.2.3")

    assert "**1 rules broken on 2 pages.**" in text
    assert "- test (ko): **image-alt** (critical), 2 ×: Images must have alternative text. `img`, `#a > img`" in text
    assert "| summary | en | 20 | 0 | – |" in text
    assert "axe-core 1.2.3" in text


def test_page_of_results_without_a_fault_has_no_list_of_faults():
    assert "## Broken" not in page([result()], "axe-core 1.2.3")


def test_page_of_results_lists_what_is_left_to_a_person():
    open_ = Result(document="test", lang="ko", passed=1, violations=(), incomplete=(BROKEN,))

    assert "| test | ko | 1 | 0 | image-alt (2) |" in page([open_], "axe-core 1.2.3")
