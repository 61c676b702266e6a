"""Slips of the keyboard in Korean and Latin text, and spaces too many or too few."""

from collections.abc import Callable

_FIRST, _LAST = 0xAC00, 0xD7A3  # Hangul syllables in Unicode
_VOWELS, _FINALS = 21, 28
# Keys that lie beside each other on a Latin keyboard.
_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
# Initial consonants by their number in Unicode: plain and doubled, which differ by the shift key.
_SHIFTED = {0: 1, 1: 0, 3: 4, 4: 3, 7: 8, 8: 7, 9: 10, 10: 9, 12: 13, 13: 12}
# Vowels that are taken for one another: ㅐ ㅔ, ㅒ ㅖ, ㅏ ㅑ, ㅓ ㅕ, ㅗ ㅛ, ㅜ ㅠ, ㅙ ㅞ ㅚ, ㅝ ㅘ, ㅡ ㅣ, ㅢ ㅟ.
_MISTAKEN = {
    1: 5, 5: 1, 3: 7, 7: 3, 0: 2, 2: 0, 4: 6, 6: 4, 8: 12, 12: 8, 13: 17, 17: 13, 10: 15, 15: 11, 11: 10, 14: 9, 9: 14,
    18: 20, 20: 18, 19: 16, 16: 19,
}  # fmt: skip


def with_typo(text: str, place: float, kind: float) -> str:
    """The text with one slip of the keyboard.

    Parameters
    ----------
    text : str
        Any text.
    place, kind : float
        Where, and which slip, in [0, 1).

    Returns
    -------
    str
        Another text; an empty one stays.

    Notes
    -----
    Two neighbours exchanged, a character left out, one struck twice, or a wrong key: in Latin the one beside it, in
    Hangul a doubled for a plain consonant or a vowel that is often mistaken for it. Where one slip leaves the text
    as it was (two equal neighbours exchanged), a character is struck twice.

    References
    ----------
    Damerau, F. J. (1964), Communications of the ACM 7, 171-176 (four kinds of single error make up 80 %).
    """
    if not text:
        return text
    at = int(place * len(text))
    slips: tuple[Callable[[str, int], str], ...] = (_exchanged, _left_out, _struck_twice, _wrong_key)
    slipped = slips[int(kind * len(slips))](text, at)
    return slipped if slipped != text else _struck_twice(text, at)


def respaced(text: str, place: float, kind: float) -> str:
    """The text with one space less, or one more.

    Parameters
    ----------
    text : str
        Any text.
    place, kind : float
        Where, and which of both, in [0, 1).

    Returns
    -------
    str
        Another text; one of a single character stays.

    Notes
    -----
    Half the time a space is left out where there is one; else one is put between two characters. Spacing is the
    commonest error of written Korean, where it is a matter of rules rather than of sight.

    References
    ----------
    National Institute of Korean Language, Hangul Orthography, chapter 5 (spacing).
    """
    spaces = [at for at, one in enumerate(text) if one == " "]
    if spaces and kind < 0.5:
        at = spaces[int(place * len(spaces))]
        return text[:at] + text[at + 1 :]
    if len(text) < 2:
        return text
    at = 1 + int(place * (len(text) - 1))
    return f"{text[:at]} {text[at:]}"


def _exchanged(text: str, at: int) -> str:
    at = min(at, len(text) - 2)
    return text if at < 0 else text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _left_out(text: str, at: int) -> str:
    # A text of one character would be gone altogether, which is another fault.
    return text if len(text) == 1 else text[:at] + text[at + 1 :]


def _struck_twice(text: str, at: int) -> str:
    return text[:at] + text[at] + text[at:]


def _wrong_key(text: str, at: int) -> str:
    return text[:at] + _mistaken(text[at]) + text[at + 1 :]


def _mistaken(one: str) -> str:
    if _FIRST <= ord(one) <= _LAST:
        return _mistaken_syllable(ord(one) - _FIRST)
    for keys in _ROWS:
        if one.lower() in keys:
            at = keys.index(one.lower())
            beside = keys[at + 1 if at + 1 < len(keys) else at - 1]
            return beside.upper() if one.isupper() else beside
    return one


def _mistaken_syllable(number: int) -> str:
    initial, vowel, final = number // (_VOWELS * _FINALS), number // _FINALS % _VOWELS, number % _FINALS
    if initial in _SHIFTED and final == 0:
        initial = _SHIFTED[initial]
    else:
        vowel = _MISTAKEN[vowel]
    return chr(_FIRST + (initial * _VOWELS + vowel) * _FINALS + final)
