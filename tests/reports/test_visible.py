import pytest
from markupsafe import Markup

from reliability.reports.document import DocumentRecord, Issuer
from reliability.reports.render import environment, page_of
from reliability.reports.visible import visible
from tests.reports.sample import SEX, assessment, compared, finding, result, subject

UNSEEN = [chr(code) for code in (*range(9), 0xB, 0xC, *range(0xE, 0x20), *range(0x7F, 0xA0))]
TURNING = [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]
HOSTILE = "<b>A</b>\0\x01\x1b[31m\u202eB\u2066C"
SHOWN = "&lt;b&gt;A&lt;/b&gt;⟨U+0000⟩⟨U+0001⟩⟨U+001B⟩[31m⟨U+202E⟩B⟨U+2066⟩C"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\0", "⟨U+0000⟩"),
        ("\x01", "⟨U+0001⟩"),
        ("\x1b", "⟨U+001B⟩"),
        ("\r", "⟨U+000D⟩"),
        ("\x7f", "⟨U+007F⟩"),
        ("\x9b", "⟨U+009B⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("\u202e", "⟨U+202E⟩"),
        ("\u2069", "⟨U+2069⟩"),
    ],
)
def test_control_character_is_shown_by_its_number(text, shown):
    assert visible(f"a{text}b") == f"a{shown}b"


@pytest.mark.parametrize("text", ["", "a\n\tb", "한글 🙂", "👩\u200d👧", "e\u0301", "עברית"])
def test_other_text_stays_as_it_is(text):
    assert visible(text) == text


@pytest.mark.parametrize("value", [None, 3, 0.5, Markup("<b>\x01</b>")])
def test_what_is_no_text_from_outside_stays_as_it_is(value):
    assert visible(value) is value


def test_templates_escape_what_they_show():
    assert environment().from_string("{{ name }}").render(name=HOSTILE) == SHOWN


@pytest.mark.parametrize("kind", ["consulting", "test"])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_no_control_character_reaches_a_page(kind, lang):
    rows = [(HOSTILE, *SEX[0][1:]), (HOSTILE[::-1], *SEX[1][1:])]
    groups = result(
        "fail", compared("fairness.selection_rate_ratio", HOSTILE, (0.6, 0.5, 0.7), rows, "ratio"), at_least=0.8
    )
    told = finding("FAI-02").model_copy(update={"criteria": (groups,)})
    issued = DocumentRecord(kind=kind, number=HOSTILE, issuer=Issuer(name=HOSTILE), opinions=(HOSTILE,))
    page = page_of(assessment(subject=subject(HOSTILE), findings=(told,)), issued, kind=kind, lang=lang)

    assert [letter for letter in (*UNSEEN, *TURNING) if letter in page] == []
    assert page.count(SHOWN) >= 5
