"""engagements.jsonl: who advised whom on what, and when; it is appended to, never rewritten."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from reliability.certification.bodies import Engagement
from reliability.certification.naming import compared, compared_organisation
from reliability.certification.schemes import months_later
from reliability.errors import RecordError


def read_engagements(path: Path) -> tuple[Engagement, ...]:
    """Every line of the file; none where there is no file.

    Raises
    ------
    RecordError
        For the first line that says nothing that can be relied on.
    """
    if not path.exists():
        return ()
    return tuple(_lines(path))


def _lines(path: Path) -> Iterator[Engagement]:
    # By line ends alone: names may hold what Unicode takes for one.
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            yield Engagement.model_validate(json.loads(line))
        except (ValueError, ValidationError, RecursionError) as error:
            raise RecordError(
                "engagements_unreadable", "{path}:{line}: no engagement can be read from it; mend the line",
                path=path.name, line=number,
            ) from error  # fmt: skip


def on_product(
    engagements: tuple[Engagement, ...], organisation: dict[str, Any], system: dict[str, Any], *, on: date, months: int
) -> tuple[Engagement, ...]:
    """Advice on this product within so many months before a day."""
    known = {compared_organisation(str(organisation[key])) for key in ("registration", "name") if organisation.get(key)}
    return tuple(
        one
        for one in engagements
        if compared_organisation(one.organisation) in known
        and compared(one.system) == compared(str(system.get("name", "")))
        and months_later(one.date, months) > on
    )
