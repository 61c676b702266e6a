"""The consulting report with advice and a filled-in register, as a page."""

import itertools
import re
from functools import cache

import pytest

from reliability.reports.document import DocumentRecord
from reliability.reports.render import page_of, render
from reliability.words.text import LANGUAGES, words
from tests.reports.advised import advice, with_finding
from tests.reports.consulted import FILLED, GIVEN
from tests.reports.sample import assessment
from tests.reports.test_comparison_pages import Balanced, text_of
from tests.reports.worst import HOSTILE, worst, worst_document
from tests.reports.worst_advised import worst_given


def drawn(lang, given):
    return page_of(assessment(), DocumentRecord(kind="consulting"), kind="consulting", lang=lang, given=given)


@cache
def page(lang="en"):
    return drawn(lang, GIVEN)


@pytest.fixture(scope="module")
def text():
    return text_of(page())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_closes_what_it_opens(lang):
    parser = Balanced()
    parser.feed(page(lang))

    assert (parser.open, parser.wrong) == ([], [])


def test_headings_skip_no_level_and_drawings_have_words():
    levels = [int(level) for level in re.findall(r"<h([1-6])", page())]

    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert page().count("<svg") == page().count("<title>") - 1  # and the title of the page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_plan_stands_on_a_page_of_its_own_before_the_conclusion(lang):
    said = words(lang).text("heading.monday")
    at = page(lang).index(f'<h2 id="monday" data-mark="{said}">')

    assert at < page(lang).index('id="verdict"')
    assert re.search(r"\.plan-page \{ break-before: page; break-after: page; \}", page(lang))
    assert 'id="todo"' not in page(lang)


def test_the_cover_names_the_steps_of_the_plan():
    cover = text_of(page())[: text_of(page()).index(words("en").text("heading.monday"))]

    assert "1 Apply R2: A threshold for every group: equal selection rates; sex (FAI-02)" in cover


def test_days_that_people_wrote_are_not_shown_as_a_class_of_effort():
    (told,) = re.findall(
        r"<span>([^<]*)<b>" + re.escape(FILLED.effort) + "</b></span>", page().split('id="verdict"')[0]
    )

    assert told.strip() == words("en").text("column.effort")


def test_without_advice_there_is_no_plan_and_things_to_do_stand_where_they_were():
    bare = drawn("en", None)

    assert 'id="monday"' not in bare
    assert 'id="todo"' in bare
    assert 'id="risks"' in bare


def test_a_finding_tells_what_was_tried_before_and_after(text):
    assert "A threshold for every group: equal selection rates; sex R2" in text
    assert "0.68 [0.55 – 0.82] → 0.91 [0.83 – 0.99] change +0.23 [+0.11 – +0.35] · more than chance" in text
    assert "change +0.07 [−0.02 – +0.16] · may be chance" in text
    assert "PER-01 worse" in text
    assert "Measured against labels that may be biased." in text
    assert "no group has 100 rows" in text


def test_that_no_remedy_makes_it_pass_is_printed():
    given = type(GIVEN)(advice=with_finding(passing=()))

    assert "No remedy tried here makes it pass." in text_of(drawn("en", given))


def test_the_trade_off_is_described_to_those_who_hear_it():
    titles = re.findall(r"<title>([^<]*)</title>", page())
    (told,) = [title for title in titles if title.startswith("Trade-off")]

    assert "limit 0.80; 0 Today&#39;s model: 0.68 [0.55 – 0.82], 71.0%" in told
    assert "1 R2: 0.91 [0.83 – 0.99]" in told


def test_an_item_that_is_asked_has_a_line_to_fill_in_and_no_heading_of_remedies():
    finding = page()[page().index('id="mending-GOV-02"') :]
    finding = finding[: finding.index("</section>")]

    assert "fill-in" in finding
    assert words("en").text("mending.heading") not in finding


def test_what_people_filled_in_stands_in_plan_table_and_register(text):
    assert text.count(FILLED.owner) >= 4
    assert text.count(FILLED.due) >= 4
    assert FILLED.treatment in text
    assert FILLED.note in text


def test_texts_of_the_plan_are_cut_off_on_paper_only():
    style = page()[: page().index("<body")]
    paper = re.search(r"@media print \{\n(.*?)\n\}", style, re.DOTALL)

    assert "max-height" in paper[1]
    assert not re.search(r"^\.(step|next|plan-page)[^{]*\{[^}]*overflow: hidden", style, re.MULTILINE)


def test_a_table_of_remedies_stays_with_its_heading_and_a_remedy_with_what_else_changes():
    style = page()[: page().index("<body")]

    assert '<p class="note above">Number: Selection-rate ratio' in page()
    assert ".remedies tr.first { break-after: avoid; }" in style
    assert not re.search(r"tbody\s*\{[^}]*break-inside: avoid", style)


def test_the_verdict_after_a_remedy_keeps_its_name_where_the_head_of_the_table_is_gone():
    assert '<td data-label="Verdict after">' in page()


def test_the_contents_lead_to_plan_and_register():
    for target in ("monday", "risks", "results", "provenance"):
        assert f'href="#{target}"' in page()
        assert f'id="{target}"' in page()


def test_sections_are_numbered_without_a_gap():
    numbers = re.findall(r'<h2 id="\w+" data-mark="(\d+)\.', page())

    assert numbers == [str(n) for n in range(1, len(numbers) + 1)]


def test_hostile_advice_and_entries_print_as_text():
    record = worst()
    told = page_of(record, worst_document("consulting"), kind="consulting", lang="en", given=worst_given(record))

    assert "<script>" not in told
    assert HOSTILE[:20] not in told


def test_the_same_advice_gives_the_same_bytes_and_another_one_others():
    pytest.importorskip("weasyprint", reason="needs Pango", exc_type=OSError)
    record = DocumentRecord(kind="consulting")
    asked = {"kind": "consulting", "lang": "en", "format": "html"}
    first, again = (render(assessment(), record, given=GIVEN, **asked) for _ in range(2))

    assert first == again
    assert render(assessment(), record, given=type(GIVEN)(advice=advice(seed=1)), **asked) != first
