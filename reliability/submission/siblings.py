"""Files that lie beside the data and belong to it, found by name and columns."""

import re
from collections.abc import Collection
from pathlib import Path

from reliability.errors import ReliabilityError
from reliability.submission.source import open_source
from reliability.submission.tables import Opened, open_table

_TRAINING = re.compile(r"(?i)(?<![a-z])(train|training|fit)(?![a-z])|학습|훈련")
_TABLES = (".csv", ".csv.gz", ".parquet")


def training_beside(data: Path, columns: Collection[str], *, opened: Opened = open_source) -> str | None:
    """Name of the one file beside `data` that is named as training data and has its columns; None where unclear."""
    found = [file for file in sorted(data.parent.iterdir()) if _is_named_so(file) and file.name != data.name]
    fitting = [file.name for file in found if _columns_of(file, opened) == set(columns)]
    return fitting[0] if len(fitting) == 1 else None


def _is_named_so(file: Path) -> bool:
    name = file.name.lower()
    suffix = next((suffix for suffix in _TABLES if name.endswith(suffix)), None)
    return suffix is not None and bool(_TRAINING.search(name.removesuffix(suffix))) and file.is_file()


def _columns_of(file: Path, opened: Opened) -> set[str] | None:
    try:
        return set(open_table(file, file.name, {}, opened=opened).names)
    except (ReliabilityError, OSError):  # whatever it is, it is no training data that could be used
        return None
