import pytest
from asn1crypto import core
from hypothesis import given
from hypothesis import strategies as st

from reliability.signing import der


@given(st.integers(0, 1 << 200))
def test_whole_numbers_are_encoded_as_others_encode_them(number):
    assert der.integer(number) == core.Integer(number).dump()


def test_a_negative_number_is_refused():
    with pytest.raises(ValueError, match="negative"):
        der.integer(-1)


@pytest.mark.parametrize("dotted", ["1.2.840.113549.1.7.2", "2.16.840.1.101.3.4.2.1", "2.25.302460385938425116", "0.0"])
def test_identifiers_are_encoded_as_others_encode_them(dotted):
    assert der.identifier(dotted) == core.ObjectIdentifier(dotted).dump()


@given(st.binary(max_size=70_000))
def test_what_was_encoded_is_read_back(content):
    whole = der.encoded(der.OCTETS, content)
    found = der.element(whole)

    assert whole == core.OctetString(content).dump()
    assert (found.tag, found.whole, found.body) == (der.OCTETS, whole, content)


def test_a_set_is_in_the_order_of_its_encodings():
    one, two, three = (der.integer(number) for number in (1, 2, 300))

    assert der.set_of(three, two, one) == der.set_of(one, two, three) == der.encoded(der.SET, one, two, three)


def test_a_value_shows_what_is_inside_in_the_order_expected():
    value = der.element(der.encoded(der.SEQUENCE, der.integer(1), der.encoded(der.OCTETS, b"a"), der.integer(2)))

    assert [one.tag for one in value.inside(der.INTEGER, der.OCTETS)] == [der.INTEGER, der.OCTETS, der.INTEGER]
    for tags in [(der.OCTETS,), (der.INTEGER, der.INTEGER), (der.INTEGER, der.OCTETS, der.INTEGER, der.NULL)]:
        with pytest.raises(ValueError, match="expected"):
            value.inside(*tags)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x30", b"\x30\x01", b"\x30\x80\x00\x00", b"\x30\x81\x05abcde", b"\x30\x82\x00\x80" + b"a" * 128,
        b"\x30\x85\x01\x00\x00\x00\x00", b"\x1f\x81\x01\x00", b"\x30\xff", b"\x02\x01\x01\x02\x01\x01",
    ],
    ids=["nothing", "no length", "cut off", "length left open", "long form of a short length", "zero before a length",
         "five bytes of length", "long tag", "no form", "two values"],
)  # fmt: skip
def test_what_is_not_the_one_encoding_of_one_value_is_refused(content):
    with pytest.raises(ValueError):  # noqa: PT011  (nothing else is promised)
        der.element(content)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content):
    try:
        found = der.elements(content)
    except ValueError:
        return

    assert b"".join(one.whole for one in found) == content
