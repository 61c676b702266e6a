"""Verifying: whether a document, a statement or a case is what a hub issued, and whether it is in force."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from reliability.certification.at_hand import Broken, Site, Status, Whole, digest_of
from reliability.certification.enclosed import enclosed_files
from reliability.certification.following import Grounds, Told
from reliability.certification.published_status import told_by_site, told_by_status
from reliability.certification.registered import told_by
from reliability.certification.signatures import Judged, judged_pdf, judged_statement, signer_point
from reliability.certification.standing import status_point, without_register
from reliability.certification.stated import ASSESSMENT, MODEL, PUBLIC, Stated, read_stated
from reliability.certification.verdicts import (
    EXIT,
    Certificate,
    Kind,
    Point,
    Verified,
    held,
    not_checked,
    not_held,
    refused,
    verdict_of,
)
from reliability.errors import NotGenuineError, RecordError, ReliabilityError, UsageError
from reliability.records import Assessment, Record, canonical_json
from reliability.reports.certificate_data import CERTIFICATE_DATA, CertificateData
from reliability.signing.pdf_signature import read_signature

_Kind = TypeVar("_Kind", bound=Record)
NOTHING_TOLD = Told(points=(not_checked("chain", "register_missing"),))


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of every file besides: about this model, by its digest; measured again."""

    model: str | None = None
    rerun: Callable[[Told], Point] | None = None


NOTHING_ASKED = Asked()


def verify_pdf(
    name: str, content: bytes, statements: Sequence[Stated], grounds: Grounds, asked: Asked = NOTHING_ASKED
) -> Verified:
    """A certificate or a test report."""
    try:
        found = read_signature(content)
    except NotGenuineError as error:
        return concluded(name, "pdf", [refused("file", error)])
    except RecordError as error:
        return unreadable(name, "pdf", error)
    sha256 = digest_of(content)
    told = look_up(sha256, grounds)
    judged = judged_pdf(found, grounds.trust, seen=told.seen)
    stated, statement = _statement_of(sha256, statements, told, grounds, judged)
    points = [held("file"), *judged.points] if not _file_refused(judged) else list(judged.points)
    inside, record = _enclosed(content)
    points += [*record, *_record_points(inside, stated, told), statement, *told.points]
    status, certificate = _status(told, stated, _data(inside), grounds)
    points += [*status, *_asked_points(asked, _model_in(inside, stated), told)]
    # What is signed of a run must not pass for the certificate itself.
    kind: Kind = "report" if PUBLIC in inside and CERTIFICATE_DATA not in inside else "pdf"
    return concluded(name, kind, points, judged=judged, certificate=certificate)


def verify_statement(name: str, content: bytes, grounds: Grounds, asked: Asked = NOTHING_ASKED) -> Verified:
    """A statement by itself."""
    try:
        stated = read_stated(content)
    except NotGenuineError as error:
        return concluded(name, "statement", [refused("file", error)])
    except RecordError as error:
        return unreadable(name, "statement", error)
    told = look_up(stated.sha256, grounds)
    points, judged, certificate = _stated_points(stated, told, grounds)
    points += _asked_points(asked, stated.digests.get(MODEL), told)
    return concluded(name, "statement", points, judged=judged, certificate=certificate)


def verify_case(
    name: str, record: bytes, statements: Sequence[Stated], grounds: Grounds, asked: Asked = NOTHING_ASKED
) -> Verified:
    """The record of a case, against the statement about it or the register that keeps it.

    Raises
    ------
    UsageError
        If there is nothing to compare it with.
    """
    try:
        assessment = Assessment.model_validate_json(record)
    except ValidationError as error:
        bad = RecordError("bad_record", "{path}: not an assessment of format 1: {where}: {why}", path=name, where="/",
                          why=error.errors(include_url=False)[0]["msg"])  # fmt: skip
        return unreadable(name, "case", bad)
    sha256 = digest_of(record)
    stated = next((one for one in statements if one.digests.get(ASSESSMENT) == sha256), None)
    if stated is None and statements:
        return concluded(name, "case", [not_held("record", "record_other")])
    if stated is None and not isinstance(grounds.at_hand, Whole | Broken):
        raise UsageError(
            "verify_alone", "{path}: give the signed statement beside it, or the register with --register", path=name
        )
    told = look_up(stated.sha256 if stated else sha256, grounds)
    if stated is None:
        points, judged, certificate = _entered_points(told, grounds)
    else:
        points, judged, certificate = _stated_points(stated, told, grounds)
    points.insert(0, _derived_point(assessment, stated, told))
    model = assessment.subject.model.sha256 if assessment.subject.model else None
    points += _asked_points(asked, model, told)
    return concluded(name, "case", points, judged=judged, certificate=certificate)


def look_up(sha256: str, grounds: Grounds) -> Told:
    """What the register at hand tells of a file."""
    if isinstance(grounds.at_hand, Whole):
        return told_by(grounds.at_hand, sha256, grounds)
    if isinstance(grounds.at_hand, Site):
        return told_by_site(grounds.at_hand, sha256, grounds)
    if isinstance(grounds.at_hand, Status):
        return told_by_status(grounds.at_hand, sha256, grounds)
    if isinstance(grounds.at_hand, Broken):
        return Told(points=(refused("chain", grounds.at_hand.error),))
    return NOTHING_TOLD


def concluded(
    name: str, kind: Kind, points: Sequence[Point], *, judged: Judged | None = None,
    certificate: Certificate | None = None,
) -> Verified:  # fmt: skip
    """A file with its points, and the verdict that they come to."""
    verdict = verdict_of(points, "whole" if kind == "register" else "in_force")
    return Verified(
        file=name, kind=kind, verdict=verdict, exit=EXIT[verdict], points=tuple(points), certificate=certificate,
        signature=judged.signature if judged else None,
    )  # fmt: skip


def unreadable(name: str, kind: Kind, error: ReliabilityError) -> Verified:
    """A file of which nothing can be said."""
    point = refused("file", error)
    return Verified(file=name, kind=kind, verdict="unreadable", exit=EXIT["unreadable"], points=(point,))


def _file_refused(judged: Judged) -> bool:
    return any(one.check == "file" for one in judged.points)


def _statement_of(
    sha256: str, statements: Sequence[Stated], told: Told, grounds: Grounds, judged: Judged
) -> tuple[Stated | None, Point]:
    """The statement about a document: one that was given, or the register's own."""
    stated = next((one for one in statements if sha256 in one.digests.values()), None)
    if stated is None and statements:
        return None, not_held("statement", "statement_other")
    if stated is None and isinstance(grounds.at_hand, Whole) and told.entered is not None:
        try:
            stated = read_stated(grounds.at_hand.file(told.entered.statement))
        except (NotGenuineError, RecordError) as error:
            return None, refused("statement", error)
        if sha256 not in stated.digests.values():
            return None, not_held("statement", "statement_other")
    if stated is None:
        return None, not_checked("statement", "statement_missing")
    return stated, _statement_point(stated, told, grounds, judged)


def _statement_point(stated: Stated, told: Told, grounds: Grounds, judged: Judged) -> Point:
    if told.entered is not None and stated.sha256 != told.entered.statement:
        return not_held("statement", "statement_not_entered")
    if grounds.trust is None:
        return not_checked("statement", "trust_missing")
    signer = signer_point(stated.chain, grounds.trust, at=judged.at)
    if signer.state == "held":
        return held("statement", "statement_about", number=stated.number)
    return not_held("statement", signer.code or "signer_chain", **signer.with_)


def _stated_points(
    stated: Stated, told: Told, grounds: Grounds
) -> tuple[list[Point], Judged, Certificate | None]:  # fmt: skip
    judged = judged_statement(stated.chain, stated.at, grounds.trust, seen=told.seen)
    points = [held("file"), *judged.points]
    if told.entered is not None:
        same = (stated.number, stated.edition, stated.head, stated.digests.get(PUBLIC)) == (
            told.entered.number, told.entered.edition, told.entered.head, told.entered.public,
        )  # fmt: skip
        papers = told.entered.papers <= frozenset(stated.digests.values())
        points.append(held("record") if same and papers else not_held("record", "statement_not_entered"))
    status, certificate = _status(told, stated, None, grounds)
    return [*points, *told.points, *status], judged, certificate


def _entered_points(told: Told, grounds: Grounds) -> tuple[list[Point], Judged | None, Certificate | None]:
    """A case without its statement: what the register says of it, whose events are all that is signed."""
    signer = held("signer") if grounds.trust is not None else not_checked("signer", "trust_missing")
    points = [signer]
    if told.entered is not None and grounds.trust is not None:
        seen = told.seen
        proven = held("time", "time_seen", at=seen.isoformat(timespec="seconds")) if seen else None
        points.append(proven or not_held("time", "time_not_proven"))
    status, certificate = _status(told, None, None, grounds)
    return [*points, *told.points, *status], None, certificate


def _derived_point(assessment: Assessment, stated: Stated | None, told: Told) -> Point:
    """Whether the public record of a certificate is the one that follows from this record."""
    from reliability.reports.public import public_record

    expected = {one for one in (stated and stated.digests.get(PUBLIC), told.entered and told.entered.public) if one}
    if not expected:
        return not_checked("record", "digests_missing")
    derived = digest_of(canonical_json(public_record(assessment)))
    return held("record") if expected == {derived} else not_held("record", "record_other")


def _enclosed(content: bytes) -> tuple[dict[str, bytes], list[Point]]:
    try:
        return enclosed_files(content), []
    except RecordError as error:
        return {}, [refused("record", error)]


def _record_points(inside: dict[str, bytes], stated: Stated | None, told: Told) -> Iterator[Point]:
    """Whether the data inside a document are those that were signed and entered with it."""
    record = inside.get(PUBLIC)
    if record is None:
        yield not_held("record", "record_missing")
        return
    expected = {one for one in (stated and stated.digests.get(PUBLIC), told.entered and told.entered.public) if one}
    if not expected:
        yield not_checked("record", "digests_missing")
    elif expected != {digest_of(record)}:
        yield not_held("record", "record_other")
    elif CERTIFICATE_DATA in inside and not _agrees(_data(inside), stated, told):
        yield not_held("record", "certificate_data_other")
    else:
        yield held("record")


def _agrees(data: CertificateData | None, stated: Stated | None, told: Told) -> bool:
    """Whether what a certificate prints of itself is what was stated and entered."""
    if data is None:
        return False
    printed = (data.number, data.revision + 1, data.chain_head, data.granted, data.expires)
    known: list[Any] = [one for one in (stated, told.entered) if one is not None]
    return all(printed == (one.number, one.edition, one.head, one.granted, one.expires) for one in known)


def _data(inside: dict[str, bytes]) -> CertificateData | None:
    return _read(inside.get(CERTIFICATE_DATA), CertificateData)


def _read(content: bytes | None, kind: type[_Kind]) -> _Kind | None:
    try:
        return None if content is None else kind.model_validate_json(content)
    except ValidationError:
        return None


class _Model(Record, extra="ignore"):
    sha256: str | None = None


class _Subject(Record, extra="ignore"):
    model: _Model | None = None


class _Public(Record, extra="ignore"):
    subject: _Subject


def _model_in(inside: dict[str, bytes], stated: Stated | None) -> str | None:
    """The certified model's digest: of the statement, or of the public record inside."""
    if stated is not None and MODEL in stated.digests:
        return stated.digests[MODEL]
    public = _read(inside.get(PUBLIC), _Public)
    return public.subject.model.sha256 if public and public.subject.model else None


def _status(
    told: Told, stated: Stated | None, data: CertificateData | None, grounds: Grounds
) -> tuple[list[Point], Certificate | None]:
    """The status by the register; without one, as far as the file itself tells."""
    if told.entered is not None:
        point, certificate = status_point(told.entered, grounds.on, told.as_of)
        return [point], certificate
    number, edition, granted, expires = _printed(stated, data)
    alone = without_register(granted, expires, grounds.on)
    point = alone if grounds.at_hand is None else not_checked("status", "status_not_entered")
    if number is None:
        return [point], None
    status = point.code.removeprefix("status_") if point.state == "not_held" and point.code else None
    return [point], Certificate.model_validate(
        {"number": number, "edition": edition, "granted": granted, "expires": expires, "status": status}
    )


def _printed(stated: Stated | None, data: CertificateData | None) -> tuple[Any, ...]:
    if stated is not None:
        return stated.number, stated.edition, stated.granted, stated.expires
    if data is not None:
        return data.number, data.revision + 1, data.granted, data.expires
    return None, None, None, None


def _asked_points(asked: Asked, certified: str | None, told: Told) -> Iterator[Point]:
    if asked.model is not None:
        if certified is None:
            yield not_held("model", "model_without_digest")
        elif certified == asked.model:
            yield held("model")
        else:
            yield not_held("model", "model_other", met=asked.model, certified=certified)
    if asked.rerun is not None:
        yield asked.rerun(told)
