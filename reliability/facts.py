"""The closed list of facts about a system, and the three-valued logic that checklists speak of them in.

The logic is that of any closed list of names: the screening speaks of its answers in it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal, TypeAlias

from reliability.errors import ChecklistError
from reliability.yaml_lines import shown

FACTS_VERSION = "1"

Origin: TypeAlias = Literal["stated", "data", "screening"]
Truth: TypeAlias = bool | None  # None is unknown

_NAMES: Mapping[Origin, str] = {
    "stated": """affects_people decides_about_people uses_third_party_ai generative interacts_with_people
        processes_personal_data trained_on_personal_data human_reviews_outputs claims_human_in_the_loop
        hiring rows_share_entities""",
    "data": """labels_available outputs_probability two_or_more_sensitive training_members_available
        classification regression monotone_declared population_declared time_declared dependencies_declared
        periods_declared""",
    "screening": "kr_high_impact fully_automated_serious_effect hub_tier_T3",
}
_MAX_DEPTH = 32  # a file could nest brackets until the stack gives out


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One fact: stated by the applicant, or derived from the data or the screening.

    Its question and the reason for asking are words: `fact.NAME.question`, `fact.NAME.why`.
    """

    name: str
    origin: Origin


FACTS: Mapping[str, Fact] = {
    name: Fact(name=name, origin=origin) for origin, names in _NAMES.items() for name in names.split()
}
FACT_NAMES = frozenset(FACTS)


@dataclass(frozen=True)
class _Name:
    fact: str


@dataclass(frozen=True)
class _Not:
    part: "_Node"


@dataclass(frozen=True)
class _And:
    parts: tuple["_Node", ...]


@dataclass(frozen=True)
class _Or:
    parts: tuple["_Node", ...]


_Node: TypeAlias = _Name | _Not | _And | _Or


def evaluate(expression: str, facts: Mapping[str, Truth], *, names: frozenset[str] = FACT_NAMES) -> Truth:
    """Value of an expression in Kleene's logic; a fact that is not in `facts` is unknown."""
    return _value(_parsed(expression, names), facts)


def facts_named(expression: str, *, names: frozenset[str] = FACT_NAMES) -> tuple[str, ...]:
    """Names of the facts that an expression rests on, in order of mention."""
    return tuple(dict.fromkeys(_mentioned(_parsed(expression, names))))


def deciding(expression: str, facts: Mapping[str, Truth], *, names: frozenset[str] = FACT_NAMES) -> tuple[str, ...]:
    """Names of the facts that make the expression true, false or unknown, in order of mention."""
    node = _parsed(expression, names)
    return tuple(dict.fromkeys(_responsible(node, facts)))


def parse(expression: str, *, where: str, names: frozenset[str] = FACT_NAMES) -> None:
    """Refuse an expression that cannot be read or names what is not in `names`; `where` opens the message."""
    _Parser(expression, where, names).whole()


@lru_cache(maxsize=1024)
def _parsed(expression: str, names: frozenset[str]) -> _Node:
    return _Parser(expression, "expression", names).whole()


def _value(node: _Node, facts: Mapping[str, Truth]) -> Truth:
    match node:
        case _Name(fact):
            return facts.get(fact)
        case _Not(part):
            value = _value(part, facts)
            return None if value is None else not value
        case _And(parts) | _Or(parts):
            settles = isinstance(node, _Or)  # one true settles "or", one false settles "and"
            values = [_value(part, facts) for part in parts]
            if settles in values:
                return settles
            return None if None in values else not settles


def _mentioned(node: _Node) -> list[str]:
    match node:
        case _Name(fact):
            return [fact]
        case _Not(part):
            return _mentioned(part)
        case _And(parts) | _Or(parts):
            return [name for part in parts for name in _mentioned(part)]


def _responsible(node: _Node, facts: Mapping[str, Truth]) -> list[str]:
    match node:
        case _Name(fact):
            return [fact]
        case _Not(part):
            return _responsible(part, facts)
        case _And(parts) | _Or(parts):
            value = _value(node, facts)
            return [name for part in parts if _value(part, facts) is value for name in _responsible(part, facts)]


class _Parser:
    """Recursive descent over: either = both {or both}; both = one {and one}; one = not one | (either) | NAME."""

    def __init__(self, expression: str, where: str, names: frozenset[str]) -> None:
        self.expression = expression
        self.where = where
        self.names = names
        self.tokens = re.findall(r"[\w.]+|\S", expression)
        self.depth = 0

    def whole(self) -> _Node:
        node = self._either()
        if self.tokens:
            raise self._unreadable(self.tokens[0])
        return node

    def _either(self) -> _Node:
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else _Or(tuple(parts))

    def _both(self) -> _Node:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else _And(tuple(parts))

    def _one(self) -> _Node:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise self._unreadable(self.tokens[0] if self.tokens else "")
        node = self._innermost()
        self.depth -= 1
        return node

    def _innermost(self) -> _Node:
        if self._take("not"):
            return _Not(self._one())
        if self._take("("):
            node = self._either()
            if not self._take(")"):
                raise self._unreadable(self.tokens[0] if self.tokens else "")
            return node
        return self._name()

    def _name(self) -> _Name:
        token = self.tokens.pop(0) if self.tokens else ""
        if not all(part.isidentifier() for part in token.split(".")) or token in {"and", "or", "not"}:
            raise self._unreadable(token)
        if token not in self.names:
            raise self._unknown(token)
        return _Name(token)

    def _take(self, word: str) -> bool:
        if self.tokens and self.tokens[0] == word:
            self.tokens.pop(0)
            return True
        return False

    def _unknown(self, token: str) -> ChecklistError:
        code, said = "name_unknown", "{where}: {expression} names {fact}: no such name; nearest is {near!r}"
        if self.names is FACT_NAMES:
            code, said = "fact_unknown", said.replace("name;", "fact;") + ", see 'reliability facts'"
        near = nearest_fact(token, self.names)
        return ChecklistError(
            code, said, where=self.where, expression=shown(self.expression), fact=shown(token), near=near
        )

    def _unreadable(self, token: str) -> ChecklistError:
        return ChecklistError(
            "expression_unreadable",
            "{where}: {expression} cannot be read at {token}; use fact names with and, or, not and brackets",
            where=self.where, expression=shown(self.expression), token=shown(token or "the end"),
        )  # fmt: skip


def nearest_fact(name: str, names: Iterable[str] = FACTS) -> str:
    """Name of the fact, or of `names`, that is spelt most like `name`."""
    return get_close_matches(name, sorted(names), n=1, cutoff=0)[0]
