"""What happens to a certificate that was issued, and how far the register has grown: each signed by who says so."""

from datetime import date
from pathlib import Path
from typing import Any

from reliability.certification import changing, checkpoints
from reliability.certification.changing import Change
from reliability.cli.certify_cases import desk_of
from reliability.cli.certify_steps import STAMP_TIMEOUT_S, Step
from reliability.cli.clock import now
from reliability.cli.passphrases import passphrase
from reliability.cli.saving import write_whole
from reliability.cli.saying import print_json, say
from reliability.errors import UsageError
from reliability.register.checkpoints import FILE, keep_checkpoint
from reliability.register.rows import Head, verify_rows
from reliability.signing import key_files
from reliability.signing.key_folders import chain_in, key_in
from reliability.signing.time_stamps import Stamper
from reliability.signing.trust import read_trust
from reliability.words.text import words


def change(case: str, what: Change, reason: str, until: date | None = None, **given: Any) -> None:
    """A certificate's status, changed."""
    step = Step(given)
    history = step.history(case)
    changing.change(step.desk, step.signer(), history, what, reason, until=until)
    step.done(case, what, number=changing.index_of(step.desk, history).number)


def checkpoint(
    register: Path, key: Path, output: Path | None, stamp: str | None, passphrase_fd: int | None,
    passphrase_env: str | None, *, as_json: bool, lang: str,
) -> None:  # fmt: skip
    """A checkpoint of the whole register, once its rows and events hold; it is kept in the register's folder too."""
    said, desk = words(lang), desk_of(register)
    size = len(desk.events)
    head = verify_rows(desk.register.rows())
    chain = chain_in(key)
    desk.trust.path(chain, kind="register", at=desk.now)
    secret = passphrase(said, descriptor=passphrase_fd, variable=passphrase_env)
    content = checkpoints.checkpoint(
        desk.register.register_id, Head(size=size, hash=head.hash), key_in(key, secret),
        chain, now=desk.now, stamper=Stamper(url=stamp, timeout_s=STAMP_TIMEOUT_S) if stamp else None,
    )  # fmt: skip
    keep_checkpoint(register, content)
    if output:
        write_whole(output, content)
    places = [register / FILE, *([output] if output else [])]
    if as_json:
        print_json({"size": size, "head": head.hash, "files": [str(one) for one in places]})
        return
    say(said.text("cli.certify.checkpoint", n=size, head=head.hash, file=str(places[-1])))


def countersign(
    checkpoint: Path, trust: Path, key: Path, output: Path, passphrase_fd: int | None, passphrase_env: str | None, *,
    as_json: bool, lang: str,
) -> None:  # fmt: skip
    """A checkpoint, countersigned; by nobody whom the trust file does not name, for nobody would count it."""
    said, believed = words(lang), read_trust(key_files.contents(trust))
    certificate = chain_in(key)[0]
    if certificate not in believed.countersigners:
        raise UsageError(
            "countersigner_unknown", "{name}: no countersigner of {trust}; the hub has to name it with 'reliability "
            "keys trust --countersigner'", name=key_files.name_of(certificate), trust=trust,
        )  # fmt: skip
    secret = passphrase(said, descriptor=passphrase_fd, variable=passphrase_env)
    signer, content = key_in(key, secret), key_files.contents(checkpoint)
    signed = checkpoints.countersigned(content, signer, believed, now=now())
    write_whole(output, signed)
    known = checkpoints.read_checkpoint(signed, believed).checkpoint
    if as_json:
        print_json({"size": known.size, "head": known.head, "as_of": known.as_of.isoformat(), "file": str(output)})
        return
    as_of = known.as_of.isoformat()
    say(said.text("cli.certify.countersigned", n=known.size, as_of=as_of, head=known.head, file=str(output)))
