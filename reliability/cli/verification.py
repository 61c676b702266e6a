"""What `verify` reads and shows: one sentence for everybody, then every point that was looked at."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from reliability.certification.at_hand import AtHand, Status, Whole, in_folder, on_site, refuse_none
from reliability.certification.bodies import Hindrance, Obstacle
from reliability.certification.fetching import fetcher, is_address
from reliability.certification.following import Grounds, Told
from reliability.certification.verdicts import Point, State, Verification, Verified
from reliability.certification.verifying import Asked
from reliability.certification.verifying_files import Given, verify
from reliability.cli.hanging import hang
from reliability.errors import UsageError
from reliability.signing.trust import read_trust
from reliability.words.text import Words, words

RECORD = "assessment.json"
EXIT_FALSE = 4  # what is not genuine is nothing else either
LARGEST = 256 << 20  # bytes of a file
# Shape first, colour second, word always; the shapes are those of the reports.
MARKS: Mapping[State, tuple[str, str]] = {
    "held": ("●", "green"), "not_checked": ("○", "yellow"), "not_held": ("◆", "bold red"),
}  # fmt: skip


def verified(
    files: Sequence[str], *, trust: Path | None, register: str | None, checkpoint: Path | None, on: date,
    model: Path | None, rerun: Path | None, lang: str,
) -> Verification:  # fmt: skip
    """The verification of files by what else is at hand."""
    grounds = Grounds(
        on=on, trust=read_trust(_content(trust)) if trust is not None else None,
        at_hand=_at_hand(register) if register is not None else None,
        checkpoint=_content(checkpoint) if checkpoint is not None else None,
    )  # fmt: skip
    asked = Asked(model=_digest(model) if model is not None else None,
                  rerun=_rerun(rerun, grounds, lang) if rerun is not None else None)  # fmt: skip
    return verify([_given(file) for file in files], grounds, asked)


def show_verification(found: Verification, said: Words) -> None:
    """A sentence for each file, and its points; what does not hold last, so that it stays on the screen."""
    for place, one in enumerate(found.files):
        if place:
            hang("")
        hang("", one.file, style="bold")
        hang("", sentence(one, found.on, said), style="bold" if one.exit == 0 else "bold red")
        for point in sorted(one.points, key=lambda point: list(MARKS).index(point.state)):
            mark, style = MARKS[point.state]
            head = f"  {mark} {said.text(f'verify.state.{point.state}')}  "
            why = point_text(point, said)
            label = said.text(f"verify.check.{point.check}")
            hang(head, f"{label}: {why}" if why else label, style="" if point.state == "held" else style)


def sentence(one: Verified, on: date, said: Words) -> str:
    """What became of a file, as anybody understands it."""
    certificate = one.certificate
    values = {
        "on": on, "number": certificate.number if certificate else "-", "why": _why(one, said),
        "since": (certificate and certificate.since) or "-", "expires": (certificate and certificate.expires) or "-",
        "as_of": certificate.as_of.date() if certificate and certificate.as_of else _as_of(one),
    }  # fmt: skip
    status = certificate.status if certificate else None
    key = f"verify.sentence.{one.verdict}"
    told = said.first(f"{key}.{status}", key, **values)
    return f"{told} {said.text('verify.sentence.report')}" if one.kind == "report" and one.exit != EXIT_FALSE else told


def point_text(point: Point, said: Words) -> str:
    """Why a point stands as it does; nothing where there is no more to say."""
    if point.code is None:
        return ""
    return said.first(f"verify.why.{point.code}", f"error.{point.code}", **point.with_) or point.code


def hindrances_text(found: Iterable[Obstacle], said: Words) -> str:
    """The gates that are not passed, each with its reasons."""
    return "; ".join(f"{one.gate}: {', '.join(_hindrance(reason, said) for reason in one.reasons)}" for one in found)


def _hindrance(reason: Hindrance, said: Words) -> str:
    worded = {name: said.first(f"origin.{value}", f"certify.role.{value}") for name, value in reason.with_.items()}
    values = {name: worded[name] or value for name, value in reason.with_.items()}
    keys = (f"certify.gate.{reason.code}.{values.get('what')}", f"certify.gate.{reason.code}")
    told = said.first(*keys, f"verify.why.{reason.code}", f"reason.{reason.code}", **values)
    return told.rstrip(".") or reason.code


def _why(one: Verified, said: Words) -> str:
    """The first thing that does not hold, as a sentence."""
    point = next((point for point in one.points if point.state == "not_held"), None)
    if point is None:
        return ""
    text = point_text(point, said) or said.text(f"verify.check.{point.check}")
    return f"{text[:1].upper()}{text[1:]}" if text.endswith((".", "。")) else f"{text[:1].upper()}{text[1:]}."


def _as_of(one: Verified) -> str:
    return next((str(point.with_["as_of"]) for point in one.points if "as_of" in point.with_), "-")


def _given(file: str) -> Given:
    if is_address(file):
        return Given(name=file, what=on_site(fetcher(file)))
    path = Path(file)
    if not path.is_dir():
        return Given(name=file, what=_content(path))
    if (path / RECORD).is_file():
        return Given(name=file, what=_content(path / RECORD))
    found = in_folder(path)
    if found is None:
        raise UsageError("verify_nothing", "{path}: neither a case nor a register", path=file)
    return Given(name=file, what=found)


def _at_hand(register: str) -> AtHand:
    if is_address(register):
        return on_site(fetcher(register))
    path = Path(register)
    return Status(content=_content(path)) if path.is_file() else refuse_none(in_folder(path), path)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise UsageError("verify_missing", "{path}: there is no such file", path=path) from error
    if len(content) > LARGEST:
        raise UsageError("verify_large", "{path}: over {most} MiB", path=path, most=LARGEST >> 20)
    return content


def _digest(model: Path) -> str:
    from reliability.formats.project import digest

    if not model.exists():
        raise UsageError("verify_missing", "{path}: there is no such file", path=model)
    return digest(model)


def _rerun(submission: Path, grounds: Grounds, lang: str) -> Callable[[Told], Point]:
    whole = grounds.at_hand
    if not isinstance(whole, Whole):
        raise UsageError(
            "rerun_without_plan",
            "--rerun needs the register, or a copy of it, with the sealed plan; name it with --register",
        )

    def rerun(told: Told) -> Point:
        from reliability.certification.remeasuring import remeasured
        from reliability.cli.screen import working

        with TemporaryDirectory() as folder, working(words(lang).text("cli.verify.rerunning")):
            return remeasured(whole, told, submission, Path(folder) / "case")

    return rerun
