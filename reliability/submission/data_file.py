"""A data file of a submission, given out in blocks with labels, answers and groups worked out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from reliability.blocks import Block, Column, Floats, Groups, Ints, Roles
from reliability.errors import SubmissionError
from reliability.submission.meaning import Meaning, digests, indices, meaning
from reliability.submission.parts import Parts
from reliability.submission.scan import groups_of
from reliability.submission.settle import score_columns
from reliability.submission.tables import Table, digest_of


@dataclass(frozen=True, kw_only=True, eq=False)
class DataFile:
    """Evaluation or training data whose roles and types are settled."""

    path: str
    origin: str
    roles: Roles
    table: Table = field(repr=False)
    parts: Parts = field(repr=False)

    @property
    def sha256(self) -> str:
        """Digest of the file as it was when it was opened."""
        return self.table.sha256

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.table.rows

    @property
    def columns(self) -> tuple[Mapping[str, str], ...]:
        """Name, settled kind and role of every column, as the record has them."""
        return tuple(
            {"name": name, "kind": self.table.kinds[name], "role": self.parts.role(name)} for name in self.table.names
        )

    def blocks(self, *, features: bool = True, others: bool = False) -> Iterator[Block]:
        """Every BLOCK_ROWS rows in file order; without the feature columns, or the others, where nobody needs them."""
        wanted = self.parts.features if features or others else ()
        beside = self._others() if others else ()
        quasi_identifiers = self.parts.quasi_identifiers if others else ()
        settled = dict.fromkeys((*wanted, *self.parts.used(), *quasi_identifiers))
        loosely = [name for name in beside if name not in settled]
        for start, columns in self.table.blocks(tuple(dict.fromkeys((*settled, *beside))), loosely=loosely):
            block = self._block(start, columns, wanted)
            yield replace(block, others={name: columns[name] for name in beside}) if beside else block

    def _others(self) -> tuple[str, ...]:
        """Columns that are neither features nor outcomes, those apart that nothing can be read from."""
        left_out = {*self.parts.features, *self.parts.outcomes(), *self.table.nested}
        return tuple(name for name in self.table.names if name not in left_out)

    def verify(self) -> None:
        """Read the file once more: what was measured must be what the digest says.

        Raises
        ------
        SubmissionError
            If the file is no longer the one that was opened.
        """
        try:
            now = digest_of(self.table.source.path)
        except OSError:
            now = "gone"
        if now != self.sha256:
            raise SubmissionError(
                "data_changed",
                "{where}: changed while it was read (sha256 {now} now, {before} before); start again on a copy",
                where=self.path,
                now=now[:12],
                before=self.sha256[:12],
            )

    def _block(self, start: int, columns: Mapping[str, Column], wanted: Sequence[str]) -> Block:
        parts = self.parts
        prediction = columns[parts.prediction] if parts.prediction else None
        return Block(
            start=start,
            roles=self.roles,
            columns={name: columns[name] for name in wanted},
            y_true=self._labels(columns[parts.target]),
            y_pred=None if prediction is None else self._labels(prediction),
            y_score=self._scores(columns),
            y_incumbent=self._labels(columns[parts.incumbent]) if parts.incumbent else None,
            groups=self._groups(columns, start),
            entity=digests(columns[parts.entity]) if parts.entity else None,
        )

    def _labels(self, column: Column) -> npt.NDArray[Any]:
        if self.roles.task == "regression":
            return column.as_floats()
        return self._checked(indices(column, self._index()))

    def _checked(self, labels: Ints) -> Ints:
        # Every label was met in the scan; anything else means that the file is another one by now.
        if len(labels) and labels.min() < 0:
            self.verify()
            raise SubmissionError("data_changed", "{where}: changed while it was read; start again", where=self.path)
        return labels

    def _index(self) -> dict[Meaning, int]:
        return {meaning(label): place for place, label in enumerate(self.roles.classes)}

    def _scores(self, columns: Mapping[str, Column]) -> Floats | None:
        if not self.parts.scores:
            return None
        by_class = {index: columns[name].as_floats() for index, name in score_columns(self.roles, self.parts)}
        if self.roles.task == "multiclass":
            return np.column_stack([by_class[index] for index in range(len(self.roles.classes))])
        ((index, score),) = by_class.items()
        return score if index == self.roles.positive else 1.0 - score

    def _groups(self, columns: Mapping[str, Column], start: int) -> dict[str, Groups]:
        return {each.name: groups_of(each, self.table, columns[each.name], start) for each in self.parts.attributes}
