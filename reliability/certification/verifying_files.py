"""Verifying several files together: what each is, and what the statements among them say of the others."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reliability.certification import published_status
from reliability.certification.at_hand import AtHand, Status
from reliability.certification.following import Grounds
from reliability.certification.stated import Stated, is_statement, read_stated
from reliability.certification.verdicts import Verification, Verified, together
from reliability.certification.verifying import NOTHING_ASKED, Asked, verify_case, verify_pdf, verify_statement
from reliability.certification.verifying_register import verify_register
from reliability.errors import NotGenuineError, RecordError
from reliability.signing import dsse


@dataclass(frozen=True, kw_only=True)
class Given:
    """A file to verify: its bytes, or the register in a folder."""

    name: str
    what: bytes | AtHand


def verify(given: Sequence[Given], grounds: Grounds, asked: Asked = NOTHING_ASKED) -> Verification:
    """What becomes of every file, in their order.

    Raises
    ------
    UsageError
        If a record has nothing to be compared with.
    """
    statements = tuple(_statements(one.what for one in given))
    return together(grounds.on, [_verified(one, statements, grounds, asked) for one in given])


def _verified(one: Given, statements: tuple[Stated, ...], grounds: Grounds, asked: Asked) -> Verified:
    if not isinstance(one.what, bytes):
        return verify_register(one.name, one.what, grounds)
    kind = _kind(one.what)
    if kind == "status":
        return verify_register(one.name, Status(content=one.what), grounds)
    if kind == "statement":
        return verify_statement(one.name, one.what, grounds, asked)
    if kind == "case":
        return verify_case(one.name, one.what, statements, grounds, asked)
    return verify_pdf(one.name, one.what, statements, grounds, asked)


def _kind(content: bytes) -> str:
    """What a file is; a PDF where it is no JSON, for whoever damaged its first bytes did not make it another thing."""
    if not content[:64].lstrip().startswith(b"{"):
        return "pdf"
    try:
        if "findings" in json.loads(content):
            return "case"
        found = dsse.statement_in(dsse.read(content)).get("predicateType")
    except (ValueError, TypeError, RecursionError, RecordError):
        return "statement"
    return "status" if found == published_status.TYPE else "statement"


def _statements(contents: Iterable[object]) -> Iterable[Stated]:
    """The statements whose signature holds; the others are told of in their own place."""
    for content in contents:
        if isinstance(content, bytes) and is_statement(content):
            try:
                yield read_stated(content)
            except (RecordError, NotGenuineError):
                continue
