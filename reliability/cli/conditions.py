"""Conditions of items in words: the question behind each fact, with the answer that it takes."""

import re

from reliability.facts import FACTS
from reliability.words.text import Words

_JOINS = frozenset({"and", "or", "not"})


def condition_lines(expression: str, said: Words) -> list[str]:
    """A condition on facts, a line for each: what joins it on, its question, the answer it takes, its name."""
    parts, lines, before = re.findall(r"[\w.]+|\S", expression), [""], ""
    for last, part, following in zip(["", *parts], parts, [*parts[1:], ""], strict=False):
        if part == ")":
            lines[-1] += part
        elif part == "(":
            before += part
        elif part == "not" and following not in {"(", "not"}:
            continue  # the answer says so
        elif part in _JOINS:
            before += f"{said.text(f'cli.when.{part}')} "
        else:
            lines.append(f"{before}{_answered(part, said, 'no' if last == 'not' else 'yes')}")
            before = ""
    return lines[1:]


def _answered(fact: str, said: Words, answer: str) -> str:
    question = said.text(f"fact.{fact}.question") if fact in FACTS else fact
    return f"{question} {said.text(f'answers.fact.{answer}')} ({fact})"
