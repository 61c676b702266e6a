"""The rows that advice is measured on: answered once, joined, and no more than memory holds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from reliability.advise.remedies import Ask
from reliability.advise.splits import chances
from reliability.bench import Bench
from reliability.blocks import Block, Column, Groups
from reliability.engine import with_answers
from reliability.submission.data_file import DataFile

MOST_ROWS = 200_000  # of each data set; more are thinned by keyed hash


@dataclass(frozen=True, kw_only=True, eq=False)
class Gathered:
    """Evaluation rows as answered today, and the training rows where there are such."""

    evaluation: Block
    training: Block | None


def gathered(bench: Bench, ask: Ask | None, *, seed: int) -> Gathered:
    """All rows that are advised upon, answered by the model where there is one to ask.

    Raises
    ------
    WorkerError
        If the model fails on them.
    """
    submission = bench.submission
    blocks = _thinned(submission.evaluation, seed)
    if ask is not None:
        blocks = (with_answers(block, ask(block.columns)) for block in blocks)
    evaluation = joined(_told(blocks, bench))
    submission.evaluation.verify()
    training = None
    if submission.training is not None:
        training = joined(_thinned(submission.training, seed))
        submission.training.verify()
    return Gathered(evaluation=evaluation, training=training)


def _told(blocks: Iterable[Block], bench: Bench) -> Iterator[Block]:
    for block in blocks:
        bench.settings.rows_done(block.n)
        yield block


def _thinned(file: DataFile, seed: int) -> Iterator[Block]:
    share = MOST_ROWS / max(file.rows, 1)
    for block in file.blocks():
        yield block if share >= 1 else block.where(chances(block, key=f"{seed}:advise:taken") < share)


def joined(blocks: Iterable[Block]) -> Block:
    """Blocks of one file as one."""
    parts = list(blocks)
    if len(parts) == 1:
        return parts[0]
    first = parts[0]
    return replace(
        first,
        columns={name: _column([part.columns[name] for part in parts]) for name in first.columns},
        groups={name: _groups([part.groups[name] for part in parts]) for name in first.groups},
        y_true=np.concatenate([part.y_true for part in parts]),
        y_pred=_whole([part.y_pred for part in parts]),
        y_score=_whole([part.y_score for part in parts]),
        y_incumbent=_whole([part.y_incumbent for part in parts]),
        entity=_whole([part.entity for part in parts]),
        positions=np.concatenate([part.row_positions() for part in parts]),
    )


def _whole(values: Sequence[npt.NDArray[Any] | None]) -> Any:
    there = [value for value in values if value is not None]
    return np.concatenate(there) if len(there) == len(values) else None


def _column(parts: Sequence[Column]) -> Column:
    levels, places = _united([part.levels for part in parts])
    values = [part.values if not part.levels else place[part.values] for part, place in zip(parts, places, strict=True)]
    return replace(
        parts[0], values=np.concatenate(values), missing=np.concatenate([part.missing for part in parts]), levels=levels
    )  # fmt: skip


def _groups(parts: Sequence[Groups]) -> Groups:
    levels, places = _united([part.levels for part in parts])
    # Code -1, the unknown group, reads the last entry: -1 again.
    codes = [
        np.append(place, np.int32(-1))[part.codes].astype(np.int32) for part, place in zip(parts, places, strict=True)
    ]
    return Groups(codes=np.concatenate(codes), levels=levels)


def _united(levels: Sequence[tuple[Any, ...]]) -> tuple[tuple[Any, ...], list[npt.NDArray[np.int32]]]:
    """All levels once, in order of first appearance, and where each part's stand in them."""
    every = tuple(dict.fromkeys(level for part in levels for level in part))
    place = {level: index for index, level in enumerate(every)}
    return every, [np.array([place[level] for level in part], np.int32) for part in levels]
