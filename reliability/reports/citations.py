"""What a checklist cites: its clauses with a mark where one is not yet confirmed, and the works they stand in."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from reliability.checklist.references import Reference, references
from reliability.records import Assessment
from reliability.reports.figures import counted
from reliability.reports.rows import Row
from reliability.words.text import Words

UNCONFIRMED = "†"


def marked(key: str) -> str:
    """A key, marked where the clause is not yet confirmed."""
    return f"{key}{UNCONFIRMED}" if references().unconfirmed(key) else key


def cited(keys: Iterable[str], words: Words) -> str:
    """Keys on one line; where one is not yet confirmed, the line says so."""
    keys = [str(key) for key in keys]
    line = " · ".join(map(marked, keys))
    doubtful = any(references().unconfirmed(key) for key in keys)
    return f"{line} ({UNCONFIRMED} {words.text('report.unconfirmed')})" if doubtful else line


def works(assessment: Assessment, words: Words) -> Iterator[Row]:
    """Every work that the checklist cites, with its edition, its issuer and how many clauses of it are cited."""
    items = [item for section in assessment.checklist.content["sections"] for item in section["items"]]
    keys = {str(key) for item in items for key in item.get("references") or ()}
    listed = [one for one in references().entries.values() if one.id in keys]
    for _, clauses in groupby(listed, key=lambda one: one.source):
        yield _work(list(clauses), words)
    unlisted = references().unknown(sorted(keys))
    if unlisted:
        yield Row(name=words.text("report.unlisted"), text=" · ".join(unlisted))


def _work(clauses: list[Reference], words: Words) -> Row:
    one, doubtful = clauses[0], sum(not clause.confirmed for clause in clauses)
    told = [f"{one.edition[words.lang]}, {one.issuer[words.lang]}.", counted(words, "report.clauses", len(clauses))]
    if doubtful == len(clauses) > 1:
        told.append(words.text("report.clauses_unconfirmed.all"))
    elif doubtful:
        told.append(counted(words, "report.clauses_unconfirmed", doubtful))
    return Row(name=one.work[words.lang], text=" ".join(told))
