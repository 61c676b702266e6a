"""What a label that a model gives means; known to the workbench and to the child that asks an endpoint alike."""

import re
from typing import TypeAlias

Label: TypeAlias = bool | int | float | str

_LONGEST_NUMBER = 400  # of characters; any float fits, and no text of a model holds up the workbench
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")


def meaning(label: Label) -> Label:
    """What a label means: 1, 1.0, "1" and true are the same label."""
    if isinstance(label, str):
        text = label.strip()
        if text.casefold() in {"true", "false"}:
            return int(text.casefold() == "true")
        if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
            return label
        return meaning(int(text) if text.lstrip("+-").isdecimal() else float(text))
    if isinstance(label, float) and label.is_integer():
        return int(label)
    return int(label) if isinstance(label, bool) else label
