"""A list of requirements in which every one is pinned to a release and to the digests of its files."""

import re
from dataclasses import dataclass

from reliability.formats.unreadable import UnreadableError

_PINNED = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*==\s*([^\s;]+)\s*(?:;.*)?")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})(?=\s|$)")


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """A library in one release, and what its files may be."""

    name: str
    version: str
    digests: frozenset[str]


def read_requirements(text: str) -> tuple[Requirement, ...]:
    """The requirements of a list as pip-compile and uv write it; UnreadableError names the first that is not pinned."""
    joined = re.sub(r"\\\r?\n", " ", text)
    lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in joined.splitlines())
    return tuple(_requirement(line) for line in lines if line)


def _requirement(line: str) -> Requirement:
    pinned = _PINNED.fullmatch(line.partition("--hash=")[0].strip())
    digests = frozenset(_HASH.findall(line))
    if pinned is None or not digests or line.count("--hash=") != len(_HASH.findall(line)):
        raise UnreadableError(f"{line[:80]!r} is not NAME==VERSION --hash=sha256:…")
    return Requirement(name=pinned.group(1), version=pinned.group(2), digests=digests)
