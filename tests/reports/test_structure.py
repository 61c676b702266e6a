"""The structure of a tagged PDF, as a screen reader walks it."""

import io

import pikepdf
import pytest

from tests.reports.setting import set_here

TITLED = '<html lang="ko"><title>쪽</title><style>.x { position: relative }</style><h1>제목</h1>'


def walked(body):
    """A page, set and read back: its tree as (kind, children); a piece of text of a page is a number."""
    with pikepdf.open(io.BytesIO(set_here(TITLED + body))) as pdf:
        hold_together(pdf)
        return tree(pdf.Root.StructTreeRoot)


def kids(element):
    found = element.get("/K", [])
    return list(found) if isinstance(found, pikepdf.Array) else [found]


def tree(element):
    """What is in an element."""
    return [inside(kid) for kid in kids(element)]


def inside(kid):
    if not isinstance(kid, pikepdf.Dictionary):
        return int(kid)
    if kid.get("/Type") == "/OBJR":
        return "object"
    if "/MCID" in kid:
        return int(kid.MCID)
    return (str(kid.S)[1:], tree(kid))


def elements(element):
    for kid in kids(element):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid, element
            yield from elements(kid)


def hold_together(pdf):
    """Every element knows what it is in, and every piece of text on a page leads to the element that holds it."""
    root = pdf.Root.StructTreeRoot
    found = list(elements(root))
    assert [str(one.S) for one, parent in found if one.P.objgen != parent.objgen] == []
    numbers = list(root.ParentTree.Nums)
    for value in numbers[1::2]:
        if isinstance(value, pikepdf.Array):
            for marked, element in enumerate(value):
                assert marked in [inside(kid) for kid in kids(element)]
    assert len({one.objgen for one, _ in found}) == len(found)


def find(told, kind):
    """Every element of a kind, in the order of reading."""
    for one in told:
        if isinstance(one, tuple):
            if one[0] == kind:
                yield one
            yield from find(one[1], kind)


def kinds(told):
    return [one[0] if isinstance(one, tuple) else one for one in told]


def test_terms_and_what_they_mean_are_label_and_body_of_an_item():
    told = walked("<dl><div><dt>기한</dt><dd>12월</dd></div><div><dt>담당</dt><dd>이도현</dd></div></dl>")
    (whole,) = find(told, "L")

    assert kinds(whole[1]) == ["LI", "LI"]
    assert [kinds(item[1]) for item in whole[1]] == [["Lbl", "LBody"]] * 2


def test_term_with_two_meanings_has_one_label():
    (item,) = find(walked("<dl><div><dt>기한</dt><dd>11월</dd><dd>12월</dd></div></dl>"), "LI")

    assert kinds(item[1]) == ["Lbl", "LBody", "LBody"]


def test_term_alone_is_a_body():
    (item,) = find(walked("<dl><div><dt>기한</dt></div></dl>"), "LI")

    assert kinds(item[1]) == ["LBody"]


def test_plain_list_stays_what_it_is():
    (whole,) = find(walked("<ul><li>하나</li><li>둘</li></ul>"), "L")

    assert kinds(whole[1]) == ["LI", "LI"]


def test_boxes_that_say_nothing_are_taken_out_of_a_text():
    (paragraph,) = find(walked("<p>가 <b>나</b> <span>다 <b>라</b></span></p>"), "P")

    assert len(paragraph[1]) >= 4
    assert all(isinstance(piece, int) for piece in paragraph[1])
    assert paragraph[1] == sorted(paragraph[1])


@pytest.mark.parametrize(
    "body", ["<p></p>", "<p><span></span></p>", "<table><tr><th scope='row'>가</th><td></td></tr></table>", "<dl></dl>"]
)
def test_empty_elements_survive(body):
    assert list(find(walked(body), "H1"))


def test_drawing_inside_a_text_keeps_its_words():
    drawing = '<svg viewBox="0 0 1 1" width="9" height="9"><title>적합</title><path d="M0 0h1v1z"/></svg>'
    (paragraph,) = find(walked(f"<p>판정 <span>{drawing} 적합</span></p>"), "P")

    assert "Figure" in kinds(paragraph[1])


def test_link_is_a_link_once():
    told = walked('<p>보라: <a href="#x">여기 <b>굵게</b></a></p><p id="x">끝</p>')
    links = list(find(told, "Link"))

    assert links
    assert [kind for link in links for kind in kinds(link[1]) if kind in {"Span", "NonStruct"}] == []
    assert any("object" in link[1] for link in links)


def test_box_inside_a_link_that_holds_the_place_is_a_link():
    told = walked('<p><a href="#x"><span class="x">여기</span></a></p><p id="x">끝</p>')

    assert [one for kind in ("Span", "NonStruct") for one in find(told, kind) if "object" in one[1]] == []


def test_table_keeps_its_rows_and_cells():
    rows = "<tr><th scope='row'>가 <b>나</b></th><td>1 <span>점</span></td></tr>"
    (table,) = find(walked(f"<table><caption>표 1</caption><tbody>{rows * 2}</tbody></table>"), "Table")

    assert [kinds(row[1]) for row in find([table], "TR")] == [["TH", "TD"]] * 2
    assert all(isinstance(piece, int) for cell in find([table], "TD") for piece in cell[1])
    assert list(find([table], "Caption"))


def test_text_over_pages_is_held_on_each_of_them():
    long = "<p>" + "가나다 <b>라마</b> " * 120 + "</p><style>@page { size: A6 }</style>"
    paragraphs = list(find(walked(long), "P"))

    assert len(paragraphs) > 1
    assert all(isinstance(piece, int) for one in paragraphs for piece in one[1])


def test_nothing_that_was_taken_out_stays_in_the_file():
    with pikepdf.open(io.BytesIO(set_here(TITLED + "<p>가 <b>나</b></p>"))) as pdf:
        kept = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/StructElem"]
        reached = {one.objgen for one, _ in elements(pdf.Root.StructTreeRoot)}

    assert {one.objgen for one in kept} == reached
