"""Holds an edited file to what it said before: nothing is written over a person's words that lost one of them."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from reliability.errors import SubmissionError
from reliability.questionnaire.sheet import STAMP, Changes, as_written
from reliability.questionnaire.splices import compose
from reliability.yaml_lines import parse_yaml


def refuse_loss(old: str, new: str, changes: Changes, *, name: str) -> None:
    """Refuse a new text of a sheet that says anything else than the old one with these changes.

    Questions may have come in, the head may name another version, and an answer the version it was given to.

    Raises
    ------
    SubmissionError
        If a word, a comment or an order of keys would be lost; the file is then to be edited by hand.
    """
    was, now = _data(old, name), _data(new, name)
    items = {item: _expected(entry, changes.get(item, {})) for item, entry in _items(was).items()}
    kept = {item: _plain(entry) for item, entry in _items(now).items() if item in items}
    same_head = _without(was, {*STAMP, "items"}) == _without(now, {*STAMP, "items"})
    in_order = list(kept) == list(items) and _in_order(was, now)
    in_order = in_order and all(_in_order(entry, _items(now)[item]) for item, entry in _items(was).items())
    if not (same_head and in_order and kept == items and not _comments(old) - _comments(new)):
        raise _cannot(name)


def with_key(old: str, new: str, key: str, value: str, *, name: str) -> str:
    """The new text of a mapping, which must be the old one with one more key.

    Raises
    ------
    SubmissionError
        If it is anything else.
    """
    was = parse_yaml(old.encode(), error=SubmissionError, name=name).data
    if _data(new, name) != {**was, key: value} or _comments(old) != _comments(new):
        raise _cannot(name)
    return new


def _cannot(name: str) -> SubmissionError:
    return SubmissionError(
        "sheet_not_editable",
        "{where}: cannot be added to without losing something that stands in it; nothing was written: "
        "write every key on a line of its own, without '? ' before it, and try again",
        where=name,
    )


def _data(text: str, name: str) -> dict[str, Any]:
    try:
        data: dict[str, Any] = parse_yaml(text.encode(), error=SubmissionError, name=name).data
    except SubmissionError as unreadable:
        raise _cannot(name) from unreadable
    return data


def _items(data: Mapping[str, Any]) -> dict[str, Any]:
    return data.get("items") or {}


def _in_order(was: Any, now: Any) -> bool:
    """Whether the keys that were there follow each other as they did."""
    before = list(was or {})
    return [key for key in now or {} if key in before] == before


def _without(data: Mapping[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in keys}


def _expected(entry: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry is to say after its change, empty fields apart."""
    told = {key: as_written(value or ()) if key == "evidence" else value for key, value in fields.items()}
    return _plain({**(entry or {}), **told})


def _plain(entry: Any) -> dict[str, Any]:
    """What an entry says: empty fields, and the version that was answered to, left out."""
    said = {key: value for key, value in (entry or {}).items() if key not in STAMP}
    files = [_file(one) for one in said.pop("evidence", None) or ()]
    told = {key: _text(value) for key, value in said.items() if value is not None}
    return {**told, **({"evidence": files} if files else {})}


def _file(entry: Mapping[str, Any]) -> dict[str, Any]:
    named = {key: value for key, value in entry.items() if value is not None}
    return named | {"sha256": str(named.get("sha256")).lower()}


def _text(value: Any) -> Any:
    # A text at the end of a file without a line break gets one, and with it one more than it had.
    return value.rstrip("\n") if isinstance(value, str) else value


def _comments(text: str) -> Counter[str]:
    composed = compose(text)
    return Counter(composed.comments(composed.root, 0, len(text)))
