"""Text that comes from outside, made safe to print: a character that would act unseen is shown by its number."""

from markupsafe import Markup

_SPARED = frozenset({ord("\n"), ord("\t")})
_CONTROLS = frozenset({*range(0x20), *range(0x7F, 0xA0)}) - _SPARED
_BIDIRECTIONAL = frozenset({*range(0x202A, 0x202F), *range(0x2066, 0x206A)})
_SEPARATORS = frozenset({0x2028, 0x2029})  # they end a line for Pango, and for nobody else
_NO_CHARACTERS = frozenset({*range(0xD800, 0xE000), 0xFFFE, 0xFFFF})  # halves of surrogate pairs cannot be encoded

# By number, not by the pictures of U+2400: Nanum draws those as blanks.
_SIGNS = {code: f"⟨U+{code:04X}⟩" for code in _CONTROLS | _BIDIRECTIONAL | _SEPARATORS | _NO_CHARACTERS}


def visible(value: object) -> object:
    """A value as templates print it: text without raw control characters, the markup of templates as it is."""
    if not isinstance(value, str) or isinstance(value, Markup) or value.isprintable():
        return value
    return value.translate(_SIGNS)
