"""What publishing the register does: open it, ask for the key's pass phrase, publish, say what there is now."""

import os
from pathlib import Path

from reliability.certification import publishing
from reliability.cli.certify_cases import desk_of
from reliability.cli.certify_steps import STAMP_TIMEOUT_S
from reliability.cli.passphrases import passphrase
from reliability.cli.saying import print_json, say
from reliability.signing.time_stamps import Stamper
from reliability.words.text import words

MANY = 20_000  # rows


def publish(
    register: Path, key: Path, out: Path, stamp: str | None, jobs: int | None, passphrase_fd: int | None,
    passphrase_env: str | None, *, as_json: bool, lang: str,
) -> None:  # fmt: skip
    """The register as a site in a folder."""
    said, stamper = words(lang), Stamper(url=stamp, timeout_s=STAMP_TIMEOUT_S) if stamp else None
    desk = desk_of(register)
    with desk.register:
        publishing.refuse_other_key(desk, key)
        secret = passphrase(said, descriptor=passphrase_fd, variable=passphrase_env)
        publisher = publishing.open_publisher(desk, key, secret, stamper=stamper)
        done = publishing.publish(desk, publisher, out, jobs=jobs or _jobs(desk.register.head().size))
    told = {
        "site": str(out), "certificates": done.certificates, "rows": done.rows, "believed": done.believed,
        "written": len(done.written), "removed": len(done.removed),
    }  # fmt: skip
    if as_json:
        print_json(told)
        return
    say(said.text("cli.register_publish.done", **told))


def _jobs(rows: int) -> int:
    """As many as there are cores, where that is worth the seconds in which they start."""
    return (os.cpu_count() or 1) if rows >= MANY else 1
