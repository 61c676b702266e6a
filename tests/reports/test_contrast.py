"""Contrast, computed from the styles and the drawings: text 4.5 to 1, marks 3 to 1; verdicts apart in grey."""

import itertools
import re
import xml.etree.ElementTree as ET
from functools import cache

import pytest

from reliability import resources
from reliability.compare.cases import Case
from reliability.compare.comparison import compare
from reliability.records import WORST_FIRST
from reliability.reports.certificate_pages import certificate_page
from reliability.reports.comparison_pages import comparison_page
from reliability.reports.document import LEAST_CONTRAST, Colours, DocumentRecord, Issuer, contrast_with_white
from reliability.reports.render import environment, page_of, screening_page
from tests.reports.cascade import contrast, luminance, pairs
from tests.reports.certified import certified, granted
from tests.reports.consulted import GIVEN
from tests.reports.sample import assessment
from tests.reports.screening_sample import CASES, screened

TEXT, MARK = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11
# Rules between rows and lines of a grid: they say nothing that words and places do not.
DECORATION = {"#dde2e8", "#c3cbd4"}
# Filled areas that have an edge of their own, which is what is measured.
EDGED = {"#e3f0ea": "#5e9379", "#6189b5": "#14213d"}
VERDICTS = (*WORST_FIRST, "reported", "not_applicable")
KINDS = ("consulting", "summary", "test", "screening", "certificate", "specimen", "comparison", "advised")
# Grounds on which a mark may stand.
GROUNDS = ("#ffffff", "#f4f6f8", "#eef2f6", "#fbf1f2", "#fbf6ee", "#eff6f2")
TEMPLATES = sorted(path for path in resources.templates().glob("*.html") if "<svg" in path.read_text("utf-8"))


@cache
def page(kind, ink="#14213D", accent="#1F4E79"):
    """A document of the sample as HTML, in the issuer's colours."""
    issuer = Issuer(name="전북 허브", colours=Colours(ink=ink, accent=accent))
    if kind == "comparison":
        return comparison_page(compare(Case(assessment=assessment()), Case(assessment=assessment(seed=1))), lang="ko")
    if kind == "certificate":
        return certificate_page(granted(), certified().model_copy(update={"issuer": issuer}), lang="ko")
    if kind == "specimen":
        return certificate_page(assessment(), DocumentRecord(kind="certificate", issuer=issuer), lang="ko")
    if kind == "advised":
        record = DocumentRecord(kind="consulting", issuer=issuer)
        return page_of(assessment(), record, kind="consulting", lang="ko", given=GIVEN)
    record = DocumentRecord(kind=kind, issuer=issuer)
    if kind == "screening":
        return screening_page(screened(CASES["likely"]), record, lang="ko")
    return page_of(assessment(), record, kind=kind, lang="ko")


@cache
def seen(kind, medium="print", **colours):
    return pairs(page(kind, **colours), medium)


def pale(found, least):
    """What cannot be told well enough from its ground."""
    return sorted(
        {
            (one.where, one.front, one.ground, round(contrast(one.front, one.ground), 2))
            for one in found
            if contrast(one.front, one.ground) < least
        }
    )


# Text and lines


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("medium", ["print", "screen"])
def test_text_can_be_read_on_its_ground(kind, medium):
    texts, _, _ = seen(kind, medium)

    assert len(texts) > 40
    assert pale(texts, TEXT) == []


@pytest.mark.parametrize("kind", KINDS)
def test_lines_that_say_something_are_seen(kind):
    _, lines, _ = seen(kind)

    assert pale([one for one in lines if one.front not in DECORATION], MARK) == []


def palest_allowed():
    """The palest grey that an issuer's colours may have."""
    greys = (f"#{level:02x}{level:02x}{level:02x}" for level in range(255, 0, -1))
    return next(grey for grey in greys if contrast_with_white(grey) >= LEAST_CONTRAST)


@pytest.mark.parametrize("kind", KINDS)
def test_text_can_be_read_in_the_palest_colours_that_an_issuer_may_have(kind):
    palest = palest_allowed()
    texts, _, _ = seen(kind, ink=palest, accent=palest)

    assert pale(texts, TEXT) == []


@pytest.mark.parametrize("kind", KINDS)
def test_headers_and_footers_can_be_read(kind):
    _, _, styles = seen(kind)
    told = [
        styles.colour(found) for _, text in styles.margins for found in re.findall(r"[{;\s]color:\s*([^;}]+)", text)
    ]

    assert told
    assert [colour for colour in told if contrast(colour, "#ffffff") < TEXT] == []


def test_a_pale_text_would_be_found():
    texts, lines, _ = pairs(
        '<style>:root { --c: #999999 } p { color: var(--c) } b::before { content: "x"; color: #fff }'
        "div { background: #123456; border: 1pt solid #eeeeee } @media screen { p { color: #000 } }</style>"
        "<p>pale</p><div><p>on blue</p><b></b></div>"
    )

    assert [(one.front, one.ground) for one in texts] == [
        ("#999999", "#ffffff"), ("#999999", "#123456"), ("#ffffff", "#123456"),
    ]  # fmt: skip
    assert [(one.front, one.ground) for one in lines] == [("#eeeeee", "#123456")]
    assert [one[0] for one in pale(texts, TEXT)] == ["p."] * 2


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#ffffff", "#000000", 21.0), ("#777777", "#ffffff", 4.48), ("#0b6b43", "#ffffff", 6.6)]
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.05)


# Drawings


def drawn(source):
    """Colours of a drawing's parts: what each is, filled and drawn with."""
    for tag, attributes in re.findall(r"<(path|circle|rect|text)\b([^>]*)>", source):
        for name, value in re.findall(r'\b(fill|stroke)="([^"]+)"', attributes):
            yield from ((tag, name, colour.lower(), attributes) for colour in re.findall(r"#[0-9A-Fa-f]{6}", value))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_words_and_marks_of_drawings_are_seen_on_white(path):
    source = path.read_text("utf-8")
    on_cover = re.compile(r"view\.cover\.motif.*?endfor", re.DOTALL)
    pale_ones = []
    for tag, name, colour, attributes in drawn(on_cover.sub("", source)):
        if colour in DECORATION or colour == "#ffffff":
            continue
        if name == "fill" and colour in EDGED:
            assert f'stroke="{EDGED[colour].upper()}"' in attributes.replace("#14213d", "#14213D")
            continue
        if contrast(colour, "#ffffff") < (TEXT if tag == "text" else MARK):
            pale_ones.append((tag, name, colour))

    assert pale_ones == []


def test_edges_of_filled_areas_are_seen_beside_their_ground():
    assert min(contrast(edge, "#ffffff") for edge in EDGED.values()) >= MARK


def shapes(template, macro, names):
    """The drawing of each name, as elements."""
    macros = environment().get_template(template).make_module({})
    return {name: ET.fromstring(f"<svg>{getattr(macros, macro)(name)}</svg>") for name in names}


def outline(svg):
    """The outermost part of a mark with its colours: it, what edges it, what stands in it."""
    outer = svg[0]
    edge = outer.get("stroke") or outer.get("fill")
    return outer, edge.lower(), outer.get("fill", "none").lower(), [one.get("stroke").lower() for one in svg[1:]]


@pytest.mark.parametrize("verdict", VERDICTS)
def test_mark_of_a_verdict_is_seen_wherever_it_stands_and_so_is_what_is_in_it(verdict):
    (svg,) = shapes("marks.html", "shape", [verdict]).values()
    _, edge, fill, inner = outline(svg)

    assert min(contrast(edge, ground) for ground in GROUNDS) >= MARK
    assert [stroke for stroke in inner if contrast(stroke, fill) < MARK] == []


def grey_form(svg):
    """What is left of a mark without colour: its parts, whether they are filled dark or left light."""
    return tuple(
        (
            one.tag, one.get("d"), one.get("r"), one.get("width"), one.get("stroke-dasharray"),
            one.get("fill") not in {None, "none"} and luminance(one.get("fill").lower()) < 0.5,
        )
        for one in svg
    )  # fmt: skip


def test_verdicts_stay_apart_without_colour():
    forms = {name: grey_form(svg) for name, svg in shapes("marks.html", "shape", VERDICTS).items()}

    assert [(one, other) for one, other in itertools.combinations(VERDICTS, 2) if forms[one] == forms[other]] == []


def test_verdict_of_the_best_and_of_the_worst_differ_in_outline_not_only_inside():
    marks = shapes("marks.html", "shape", VERDICTS)

    assert marks["pass"][0].tag == "circle"
    assert marks["fail"][0].tag == "path"
    assert marks["conditional_fail"][0].get("d") != marks["fail"][0].get("d")


@pytest.mark.parametrize("kind", ["consulting", "summary", "test"])
def test_every_verdict_is_told_by_a_word_beside_its_mark(kind):
    told = page(kind)
    tags = re.findall(r'<span class="tag ([a-z_]+)"><svg.*?</svg>([^<]*)</span>', told, re.DOTALL)

    assert tags
    assert [name for name, word in tags if not word.strip()] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_mark_has_its_word(kind):
    marks = re.findall(r'<svg class="mark[^>]*>\s*(<title>[^<]+</title>)?', page(kind))

    assert marks.count("") == 0


def test_bars_of_verdicts_stay_apart_without_colour_or_are_told_in_words():
    """Parts of the bar of counts: neighbours have a white line between them, and a legend with marks names them."""
    told = page("consulting")
    bar = re.search(r'<div class="bar">(.*?)</div>', told, re.DOTALL).group(1)
    style = (resources.templates() / "assessment.css").read_text("utf-8")

    assert bar.count("<span") > 3
    assert re.search(r"\.bar span \{[^}]*border-right: [^}]*#ffffff", style)
    assert told.split(bar)[1].count('class="mark"') >= bar.count("<span")


# The cover


def test_drawing_on_the_cover_is_seen_on_its_ground():
    cover = (resources.templates() / "consulting.html").read_text("utf-8")
    motif = re.search(r"view\.cover\.motif.*?endfor", cover, re.DOTALL)
    colours = {colour for _, _, colour, _ in drawn(motif.group())} if motif else set()

    assert [colour for colour in colours if contrast(colour, "#14213d") < MARK] == []
