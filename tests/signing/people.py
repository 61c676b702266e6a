"""A hub's authorities and people, made in a moment, for tests."""

from datetime import UTC, datetime

from reliability.signing import authority, key_files
from reliability.signing.authority import Holder

PASSPHRASE = "four words of ours"
NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
HUB = "전주 인공지능 신뢰성 혁신 허브센터"


def a_root(folder, now=NOW):
    """A root authority in `folder`/root."""
    return authority.make_root(
        folder / "root", Holder(name="허브 최상위 인증서", organisation=HUB), PASSPHRASE, now=now
    )


def certified(folder, above, kind, name, now=NOW, days=None):
    """A key and a certificate of this kind in `folder`/NAME; the folder."""
    mine = folder / name
    request = authority.make_request(mine, Holder(name=name, organisation=HUB), PASSPHRASE)
    chain = authority.sign_request(above, request, kind, PASSPHRASE, now=now, days=days)
    authority.install(mine, chain)
    return mine


def an_issuing(folder, now=NOW):
    """A root and, below it, an authority that certifies people and seals."""
    return authority.open_authority(certified(folder, a_root(folder, now), "issuing", "issuing", now))


def key_in(folder):
    """The private key in a folder."""
    return key_files.read_key(folder / authority.KEY, PASSPHRASE)
