import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.checks.robustness.spelling import respaced, with_typo

UNIT = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize(
    ("text", "place", "kind", "slipped"),
    [
        ("abcd", 0.0, 0.0, "bacd"),
        ("abcd", 0.99, 0.0, "abdc"),
        ("abcd", 0.5, 0.3, "abd"),
        ("abcd", 0.5, 0.6, "abccd"),
        ("abcd", 0.0, 0.9, "sbcd"),
        ("Pop", 0.0, 0.9, "Oop"),
        ("a1", 0.5, 0.9, "a2"),
        ("aab", 0.0, 0.0, "aaab"),
        ("서울", 0.0, 0.9, "써울"),
        ("강남", 0.0, 0.9, "걍남"),
        ("개", 0.0, 0.9, "깨"),
        ("괜", 0.0, 0.9, "궨"),
        ("힣", 0.0, 0.9, "흫"),
        ("o", 0.0, 0.9, "p"),
        ("?", 0.0, 0.9, "??"),
        ("a", 0.0, 0.0, "aa"),
        ("a", 0.0, 0.3, "aa"),
        ("", 0.5, 0.5, ""),
    ],
)
def test_a_typo_is(text, place, kind, slipped):
    assert with_typo(text, place, kind) == slipped


@given(st.text(min_size=1), UNIT, UNIT)
def test_a_typo_makes_another_text_of_about_the_same_length(text, place, kind):
    slipped = with_typo(text, place, kind)

    assert slipped != text
    assert abs(len(slipped) - len(text)) <= 1


@given(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1), UNIT)
def test_a_wrong_key_in_hangul_gives_hangul(text, place):
    slipped = with_typo(text, place, 0.9)

    assert len(slipped) == len(text)
    assert all("가" <= one <= "힣" for one in slipped)
    assert sum(a != b for a, b in zip(slipped, text, strict=True)) == 1


@pytest.mark.parametrize(
    ("text", "place", "kind", "spaced"),
    [
        ("서울 강남", 0.0, 0.0, "서울강남"),
        ("a b c", 0.9, 0.4, "a bc"),
        ("서울강남", 0.0, 0.0, "서 울강남"),
        ("서울 강남", 0.99, 0.6, "서울 강 남"),
        ("ab", 0.5, 0.9, "a b"),
        ("a", 0.5, 0.9, "a"),
        ("", 0.5, 0.9, ""),
    ],
)
def test_spacing_is(text, place, kind, spaced):
    assert respaced(text, place, kind) == spaced


@given(st.text(min_size=2), UNIT, UNIT)
def test_spacing_changes_nothing_but_one_space(text, place, kind):
    spaced = respaced(text, place, kind)

    assert abs(len(spaced) - len(text)) == 1
    assert spaced.replace(" ", "") == text.replace(" ", "")
