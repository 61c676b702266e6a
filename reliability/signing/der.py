"""The distinguished encoding of ASN.1 (X.690), as far as signatures need it; reading raises only ValueError."""

from dataclasses import dataclass

BOOLEAN, INTEGER, BITS, OCTETS, NULL, IDENTIFIER, GENERALIZED_TIME = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x18
SEQUENCE, SET = 0x30, 0x31
_LONG_FORM, _MOST_LENGTH_BYTES = 0x80, 4
_HIGH_TAG = 0x1F


@dataclass(frozen=True, kw_only=True)
class Element:
    """One value: its tag, all its bytes, and its bytes without tag and length."""

    tag: int
    whole: bytes
    body: bytes

    def inside(self, *tags: int) -> tuple["Element", ...]:
        """The values in this one; ValueError where it starts with others than these tags."""
        found = elements(self.body)
        if tuple(one.tag for one in found[: len(tags)]) != tags:
            raise ValueError("other values than expected")
        return found


def context(number: int) -> int:
    """The tag of a constructed value that its place gives a meaning."""
    return 0xA0 | number


def encoded(tag: int, *parts: bytes) -> bytes:
    """A value of these parts."""
    body = b"".join(parts)
    if len(body) < _LONG_FORM:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG_FORM | len(length))) + length + body


def set_of(*parts: bytes) -> bytes:
    """A set, in the order of the encodings of what is in it."""
    return encoded(SET, *sorted(parts))


def integer(number: int) -> bytes:
    """A whole number from zero."""
    if number < 0:
        raise ValueError("negative")
    return encoded(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def identifier(dotted: str) -> bytes:
    """An object identifier."""
    first, second, *rest = map(int, dotted.split("."))
    return encoded(IDENTIFIER, *(_in_sevens(arc) for arc in (first * 40 + second, *rest)))


def element(content: bytes) -> Element:
    """The one value that these bytes are."""
    found = elements(content)
    if len(found) != 1:
        raise ValueError("not one value")
    return found[0]


def elements(content: bytes) -> tuple[Element, ...]:
    """The values that these bytes are, one after the other."""
    found, start = [], 0
    while start < len(content):
        end, body = _extent(content, start)
        found.append(Element(tag=content[start], whole=content[start:end], body=content[body:end]))
        start = end
    return tuple(found)


def first_length(content: bytes) -> int:
    """How many bytes the first value takes."""
    return _extent(content, 0)[0]


def _extent(content: bytes, start: int) -> tuple[int, int]:
    """Where the value that starts here ends, and where its body starts."""
    head = content[start : start + 2]
    if len(head) < 2 or head[0] & _HIGH_TAG == _HIGH_TAG:
        raise ValueError("no value")
    body, length = start + 2, head[1]
    if length >= _LONG_FORM:
        n = length - _LONG_FORM
        told = content[body : body + n]
        body, length = body + n, int.from_bytes(told, "big")
        # The shortest form only: a second one would be a second file that says the same.
        if not 0 < n <= _MOST_LENGTH_BYTES or len(told) != n or told[0] == 0 or length < _LONG_FORM:
            raise ValueError("length")
    if body + length > len(content):
        raise ValueError("cut off")
    return body + length, body


def _in_sevens(arc: int) -> bytes:
    digits = [arc & 0x7F]
    while arc := arc >> 7:
        digits.append(arc & 0x7F | 0x80)
    return bytes(reversed(digits))


ECDSA_SHA256 = encoded(SEQUENCE, identifier("1.2.840.10045.4.3.2"))  # how algorithms are named (RFC 5758)
