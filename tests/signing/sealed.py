"""A certificate as a hub issues it, signed and time-stamped, with all that a reader of it needs, for tests."""

import atexit
import functools
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from reliability.reports.certificate_pages import SIGNATURE_BOX, render_certificate
from reliability.signing import authority, key_files
from reliability.signing.pades import sign_pdf
from reliability.signing.time_stamps import Stamper
from reliability.signing.trust import Trust
from tests.reports import certified as granting
from tests.signing import stamping
from tests.signing.people import HUB, NOW, an_issuing, certified, key_in


@dataclass(frozen=True, kw_only=True)
class Hub:
    """A hub's folders, and whom its readers trust."""

    folder: Path
    issuing: authority.Authority
    trust: Trust

    def key(self, name):
        return key_in(self.folder / name)

    def chain(self, name):
        """Certificates of whoever is called so: of the signer, the issuing authority and the root."""
        return chain_in(self.folder / name)

    def signed(self, content, name="seal", *, at=NOW, box=SIGNATURE_BOX, **options):
        return sign_pdf(content, self.key(name), chain=self.chain(name), box=box, name=HUB, at=at, **options)


def chain_in(folder):
    """The certificates in a folder."""
    own = key_files.read_certificate(folder / authority.CERTIFICATE)
    return (own, *authority.read_chain(folder / authority.CHAIN))


def a_hub(folder, now=NOW):
    """A root, an issuing authority, a seal, a person and a register."""
    issuing = an_issuing(folder, now)
    for kind in ("seal", "person", "register"):
        certified(folder, issuing, kind, kind, now)
    root = key_files.read_certificate(folder / "root" / authority.CERTIFICATE)
    trust = Trust(roots=(root,), timestamp_roots=(stamping.ROOT,), register_keys=(chain_in(folder / "register")[0],))
    return Hub(folder=folder, issuing=issuing, trust=trust)


@functools.cache
def hub():
    """A hub for all tests of a process that leave it as it is."""
    folder = Path(tempfile.mkdtemp(prefix="hub-"))
    atexit.register(shutil.rmtree, folder)
    return a_hub(folder)


@functools.cache
def printed():
    """A certificate as it is printed, not signed yet."""
    return render_certificate(granting.granted(), granting.certified(), lang="ko", format="pdf")


@functools.cache
def sealed():
    """It signed: PAdES B-B."""
    return hub().signed(printed())


@functools.cache
def stamped():
    """It signed and time-stamped: PAdES B-T."""
    with stamping.listening(stamping.granting()) as url:
        return hub().signed(printed(), stamper=Stamper(url=url))
