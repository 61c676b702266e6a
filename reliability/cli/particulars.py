"""What `init` asks on a terminal: a line each, and Enter leaves it to be filled in later."""

from collections.abc import Callable

from reliability.cli.interview import line_typed
from reliability.cli.screen import console, plain
from reliability.submission.guesses import Guesses
from reliability.submission.init import Particulars, declared_check
from reliability.words.text import Words

Ask = Callable[[str], str]
_NO = frozenset({"n", "no", "아니요", "아니오", "아뇨", "ㅜ"})


def ask_particulars(guesses: Guesses, said: Words, *, ask: Ask = line_typed) -> Particulars:
    """Who hands in what, and the facts without which an assessment stays undecided."""
    console(stderr=True).print(said.text("init.ask.head"))
    organisation, system, version, purpose = (
        _line(said, f"init.ask.{key}", ask) for key in ("organisation", "system", "version", "purpose")
    )
    entity, rows_apart = _entity(guesses, said, ask)
    return Particulars(
        organisation=organisation, system=system, version=version, purpose=purpose,
        entity=entity, rows_apart=rows_apart, segments=_segments(guesses, said, ask), level=_level(guesses, said, ask),
    )  # fmt: skip


def _line(said: Words, key: str, ask: Ask, /, **values: object) -> str | None:
    return ask(said.text(key, **values)).strip() or None


def _entity(guesses: Guesses, said: Words, ask: Ask) -> tuple[str | None, str | None]:
    """The column of rows that belong together, or the reason why none do."""
    if guesses.column_of("entity") is not None:
        return None, None
    names = [name for name, _ in guesses.columns]
    while (line := _line(said, "init.ask.entity", ask)) is not None:
        word, _, because = line.partition(" ")
        if line in names:
            return line, None
        if word.lower() in _NO and because.strip():
            return None, because.strip()
        _tell(said.text("init.ask.entity_again", columns=", ".join(names)))
    return None, None


def _segments(guesses: Guesses, said: Words, ask: Ask) -> tuple[str, ...]:
    names = [name for name, _ in guesses.columns]
    while (line := _line(said, "init.ask.segments", ask)) is not None:
        named = tuple(dict.fromkeys(name.strip() for name in line.split(",") if name.strip()))
        if named and set(named) <= set(names):
            return named
        _tell(said.text("init.ask.segments_again", columns=", ".join(names)))
    return ()


def _level(guesses: Guesses, said: Words, ask: Ask) -> float | None:
    check = said.text(f"check.{declared_check(guesses)}")
    while (line := _line(said, "init.ask.level", ask, check=check)) is not None:
        try:
            level = float(line.replace(",", "."))
        except ValueError:
            level = -1.0
        if 0.0 <= level <= 1.0:
            return level
        _tell(said.text("init.ask.level_again", met=line))
    return None


def _tell(text: str) -> None:
    console(stderr=True).print(plain(text))
