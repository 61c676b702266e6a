import re

import pytest
import segno

from reliability.reports.quick_response import QUIET_ZONE, symbol

TEXTS = (
    "SPECIMEN - NOT A CERTIFICATE",
    "https://register.example.kr/c/VR-1",
    "https://register.example.kr/" + "m" * 92,
)


def drawn(code):
    """The modules that the path covers, read back from it."""
    modules = set()
    for x, y, width, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", code.path):
        assert width == back
        modules |= {(int(x) + step, int(y)) for step in range(int(width))}
    return modules


@pytest.mark.parametrize("text", TEXTS)
def test_drawing_is_the_code_of_the_text(text):
    matrix = segno.make_qr(text, error="m", boost_error=False).matrix
    dark = {(x, y) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}

    assert {(x - QUIET_ZONE, y - QUIET_ZONE) for x, y in drawn(symbol(text))} == dark


@pytest.mark.parametrize("text", TEXTS)
def test_code_keeps_a_quiet_zone_of_four_modules(text):
    code = symbol(text)
    across = [x for x, _ in drawn(code)] + [y for _, y in drawn(code)]

    assert (min(across), max(across)) == (4, code.size - 5)


def test_path_holds_nothing_but_the_rectangles():
    assert re.sub(r"M\d+ \d+h\d+v1h-\d+z", "", symbol(TEXTS[0]).path) == ""


def test_modules_of_the_longest_address_stay_large_enough_to_scan():
    assert 26 / symbol(TEXTS[-1]).size > 0.4  # mm


def test_same_text_gives_the_same_code():
    assert symbol(TEXTS[1]) == symbol(TEXTS[1])
    assert symbol(TEXTS[1]).path != symbol(TEXTS[0]).path
