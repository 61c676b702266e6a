"""The signed statement of a certificate, as a stranger reads it."""

import base64
from datetime import date

import pytest
from cryptography.hazmat.primitives import serialization

from reliability.certification.at_hand import digest_of
from reliability.certification.stated import is_statement, read_stated
from reliability.errors import NotGenuineError, RecordError
from reliability.signing import dsse
from tests.certification.hub import START
from tests.certification.verified_hub import key_of


def shown(chain):
    return [base64.b64encode(one.public_bytes(serialization.Encoding.DER)).decode() for one in chain[:2]]


@pytest.fixture(scope="module")
def statement(hub_template):
    """Make a statement signed with the seal, some of what it says changed or, with None, left out."""
    key, chain = key_of(hub_template, "seal")
    said = {"register": "f" * 32, "case": "JJ-2026-0001", "number": "JJ-C-2026-0001", "revision": 1, "head": "66" * 32,
            "at": "2026-11-02T09:00:00+00:00", "granted": "2026-11-02", "expires": "2028-11-01",
            "certificates": shown(chain)}  # fmt: skip

    def make(*, kind="certificate", **changes):
        told = {name: value for name, value in (said | changes).items() if value is not None}
        return dsse.sign(dsse.statement({"model": "11" * 32}, dsse.predicate_type(kind), told), [key])

    return make


def test_a_statement_says_which_certificate_it_is_about(statement):
    content = statement()
    stated = read_stated(content)

    assert (stated.number, stated.edition, stated.head) == ("JJ-C-2026-0001", 1, "66" * 32)
    assert (stated.granted, stated.expires, stated.at) == (date(2026, 11, 2), date(2028, 11, 1), START)
    assert (dict(stated.digests), stated.sha256) == ({"model": "11" * 32}, digest_of(content))
    assert is_statement(content)


def test_a_statement_of_another_kind_is_none_about_a_certificate(statement):
    other = statement(kind="status")

    assert not is_statement(other)
    with pytest.raises(RecordError):
        read_stated(other)


@pytest.mark.parametrize("changes", [
    {"number": None}, {"granted": "yesterday"}, {"revision": "one"}, {"at": "2026-11-02T09:00:00"},
    {"certificates": []}, {"certificates": ["!", "!"]}, {"certificates": None}, {"head": None},
])  # fmt: skip
def test_a_statement_that_leaves_out_what_it_is_about_is_none(changes, statement):
    with pytest.raises(RecordError) as caught:
        read_stated(statement(**changes))
    assert caught.value.code == "statement_unreadable"


def test_a_statement_may_say_more_than_is_read_of_it(statement):
    assert read_stated(statement(more={"a": 1})).number == "JJ-C-2026-0001"


def test_a_statement_that_shows_somebody_elses_certificates_is_not_genuine(hub_template, statement):
    with pytest.raises(NotGenuineError) as caught:
        read_stated(statement(certificates=shown(key_of(hub_template, "jung")[1])))
    assert caught.value.code == "signature_false"


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"%PDF-1.7"])
def test_what_is_no_envelope_is_no_statement(content):
    assert not is_statement(content)
    with pytest.raises(RecordError):
        read_stated(content)
