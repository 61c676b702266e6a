"""Loads a LightGBM text model; runs inside the worker only."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import lightgbm
import numpy.typing as npt

from reliability.formats.lightgbm_file import LightgbmFile, read_lightgbm
from reliability.formats.unreadable import UnreadableError
from reliability.worker.encoded import Scored, as_categories, labelled, numbers, text_columns
from reliability.worker.wire import Refusal

LIBRARIES = ("lightgbm", "numpy", "pandas", "scipy")
_PROBABILITIES = frozenset({"binary", "cross_entropy", "multiclass", "multiclassova"})


def load(path: Path, declared: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The model of the file, and what its head says."""
    try:
        head = read_lightgbm(path)
    except UnreadableError as error:
        raise Refusal("not_a_model", format="lightgbm", found=str(error)) from error
    if head.carriage_returns:
        # LightGBM ends the process on such a file: it counts the bytes of every tree.
        said = "line ends of Windows (CRLF), which damage it; hand in the file as LightGBM wrote it"
        raise Refusal("not_a_model", format="lightgbm", found=said)
    booster = lightgbm.Booster(model_str=path.read_text(encoding="utf-8"))
    return _Booster(booster, head, declared), {
        "written_by": {"model format": head.version}, "wrapper": f"booster, {head.objective or 'no objective'}"
    }  # fmt: skip


class _Booster(Scored):
    def __init__(self, booster: Any, head: LightgbmFile, declared: Mapping[str, Any]) -> None:
        self._booster = booster
        self._categories = declared.get("categories") or {}
        self._lists: Sequence[Sequence[Any]] | None = booster.pandas_categorical
        self.n_features_in_ = booster.num_feature()
        self.feature_names_in_ = _own_names(booster.feature_name(), declared.get("inputs") or ())
        if declared.get("task") != "regression" and head.objective in _PROBABILITIES:
            self.with_classes(labelled(declared, max(2, head.classes)))

    def scored(self, frame: Any) -> npt.NDArray[Any]:
        rows = self._coded(frame)
        scores: npt.NDArray[Any] = self._booster.predict(rows, num_threads=1, validate_features=False)
        return scores

    def _coded(self, frame: Any) -> Any:
        """Text as the file's categories, the rest as numbers."""
        if self._lists is None:
            return frame.assign(**{name: numbers(frame[name], self._categories.get(name)) for name in frame.columns})
        categorical = {name for name in frame.columns if name in self._categories or name in text_columns(frame)}
        if len(categorical) != len(self._lists):
            said = f"{len(self._lists)} columns of categories, met: {len(categorical)}; name them in model.categories"
            raise Refusal("model_inputs_differ", what="categories", found=said)
        # The file lists its categories column by column, in the order of its columns.
        lists = dict(zip((name for name in frame.columns if name in categorical), self._lists, strict=True))
        coded = {name: numbers(frame[name], None) for name in frame.columns if name not in lists}
        return frame.assign(**coded, **{name: as_categories(frame[name], known) for name, known in lists.items()})


def _own_names(named: Sequence[str], inputs: Sequence[str]) -> list[str] | None:
    """The file's columns by the data's names: LightGBM writes blanks as underscores; without names, none."""
    if all(re.fullmatch(r"Column_\d+", name) for name in named):
        return None
    written = {re.sub(r"\s", "_", name): name for name in inputs}
    return [written.get(name, name) for name in named]
