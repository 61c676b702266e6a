"""What issuing does: the seal opened, documents made, the event entered, the files written."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reliability.certification import issuing
from reliability.certification.issuing import Papers, Seal
from reliability.cli.certify_cases import desk_of
from reliability.cli.certify_steps import STAMP_TIMEOUT_S, Step
from reliability.cli.passphrases import passphrase
from reliability.cli.saying import print_json, say
from reliability.cli.screen import working
from reliability.errors import ReliabilityError, UsageError
from reliability.register.disk import new_folder, write_durably
from reliability.reports.document import document_from_issuer
from reliability.signing.key_folders import chain_in, key_in
from reliability.signing.time_stamps import Stamper
from reliability.words.text import Words, words


def issue(case: str, out: Path, langs: Sequence[Any], **given: Any) -> None:
    """A certificate, issued."""
    _made(case, out, given, lambda step, signer, history, seal: issuing.issue(step.desk, signer, history, seal, langs))


def renew(case: str, out: Path, langs: Sequence[Any], reason: str, **given: Any) -> None:
    """A further edition of a certificate."""
    _made(
        case, out, given,
        lambda step, signer, history, seal: issuing.renew(step.desk, signer, history, seal, langs, reason),
    )  # fmt: skip


def papers(case: str, register: Path, out: Path, *, as_json: bool, lang: str) -> None:
    """The documents of a certificate, once more."""
    _refuse_existing(out)
    desk = desk_of(register)
    made = issuing.papers(desk, desk.history(case))
    with new_folder(out) as folder:
        _fill(folder, made)
    _show(made, out, words(lang), as_json=as_json)


def _made(case: str, out: Path, given: dict[str, Any], make: Any) -> None:
    _refuse_existing(out)
    step = Step(given)
    history = step.history(case)
    seal = _seal(given, step.said)
    signer = step.signer()
    made: Papers | None = None
    try:
        with new_folder(out) as folder:  # a place that cannot be written to is found out before anything is entered
            with working(step.said.text("cli.demo.report")):
                made = make(step, signer, history, seal)
            _fill(folder, made)
    except (OSError, ReliabilityError) as error:
        if made is None:
            raise
        raise UsageError(
            "papers_unwritten", "{number} was issued, but its documents could not be written ({why}); 'reliability "
            "certify papers {number} --out FOLDER' writes them", number=made.number,
            why=getattr(error, "strerror", None) or error,
        ) from error  # fmt: skip
    _show(made, out, step.said, as_json=step.as_json)


def _seal(given: dict[str, Any], said: Words) -> Seal:
    """The hub's seal with its key; asked for first, so that the two pass phrases are not mixed up."""
    folder: Path = given["seal"]
    record = document_from_issuer(given["issuer"], kind="certificate")
    if record.issuer is None:
        raise UsageError(
            "issuer_missing", "{path}: names nobody; a certificate says who issues it", path=given["issuer"]
        )
    chain = chain_in(folder)
    if given["seal_passphrase_fd"] is None and given["seal_passphrase_env"] is None:
        say(said.text("cli.certify.seal_secret", folder=str(folder)))
    secret = passphrase(said, descriptor=given["seal_passphrase_fd"], variable=given["seal_passphrase_env"])
    stamper = Stamper(url=given["stamp"], timeout_s=STAMP_TIMEOUT_S) if given["stamp"] else None
    key = key_in(folder, secret)
    return Seal(key=key, chain=chain, issuer=record.issuer, site=given["site"], stamper=stamper)


def _refuse_existing(out: Path) -> None:
    if out.exists():
        raise UsageError("out_exists", "{out}: exists already; name a new folder with --out", out=out)


def _fill(folder: Path, made: Papers) -> None:
    for name, content in made.files.items():
        write_durably(folder / name, content)


def _show(made: Papers, out: Path, said: Words, *, as_json: bool) -> None:
    if as_json:
        print_json({"number": made.number, "files": [str(out / name) for name in made.files]})
        return
    say(said.text("cli.certify.issued", number=made.number))
    for name in made.files:
        say(f"  {out / name}")
