"""What answers in a refit worker: it loads a submitted model, fits copies of it to training rows, and answers by them.

As in a plain worker nothing here is believed: the parent checks every reply, and answers are numbers and labels only.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from reliability.worker import wire
from reliability.worker.child import Served, serve
from reliability.worker.wire import Bytes, Header, Refusal

FEATURE, LABEL, WEIGHT, GROUP = "x:", "y", "w", "g"


class Refitting(Served):
    """A submitted model in this process, and the copy of it that was fitted last."""

    FAILS_AS: Mapping[str, str] = {**Served.FAILS_AS, "fit": "refit_raised"}

    def __init__(self) -> None:
        super().__init__()
        self.submitted: Any = None

    def load(self, asked: Header, body: bytearray) -> tuple[Header, Bytes]:
        """Load the submitted model, and see that a copy of it can be made."""
        from reliability.worker.refit_clone import copied  # after the limits

        told = super().load(asked, body)
        self.submitted = self.model
        copied(self.submitted, seed=0)
        return told

    def fit(self, asked: Header, body: bytearray) -> tuple[Header, Bytes]:
        """Fit a copy to the rows in the body; the reply says what it answers with."""
        how = json.loads(bytes(body[asked["how"] :]))
        columns = wire.unpack(body, described=asked["described"], rows=asked["rows"])
        self.model = self.submitted
        features = {name[len(FEATURE) :]: one for name, one in columns.items() if name.startswith(FEATURE)}
        self.model = self._fitted(self._framed(features), columns, how)
        return self._answering(), b""

    def _fitted(self, frame: Any, columns: Mapping[str, wire.WireColumn], how: Any) -> Any:
        from reliability.worker import refit_binning, refit_clone  # after the limits

        refit_binning.sort_once()
        # Some estimators draw from the numbers that all share.
        np.random.seed(how["seed"] % (1 << 32))
        model = refit_clone.copied(self.submitted, seed=how["seed"])
        labels, weights = columns[LABEL].values, columns[WEIGHT].values if WEIGHT in columns else None
        if how["regularised"]:
            model = refit_clone.regularised(model, len(frame))
        if how["monotone"]:
            model = refit_clone.constrained(model, frame, labels, how["monotone"])
        name = refit_clone.weight_name(model)
        if name is None and (weights is not None or how["reduction"]):
            raise Refusal("refit_no_sample_weight", found=type(refit_clone.learner(model)[2]).__name__)
        if how["reduction"]:
            return self._reduced(model, frame, labels, columns[GROUP].values, how, str(name))
        y = np.asarray(self._classes())[labels] if how["classes"] else labels
        return model.fit(frame, y, **({} if weights is None else {str(name): weights}))

    def _reduced(
        self, model: Any, frame: Any, labels: npt.NDArray[Any], groups: npt.NDArray[Any], how: Any, name: str
    ) -> Any:
        from reliability.worker import refit_reduction  # its import takes seconds

        columns = [str(one) for one in frame.columns]
        if not how["classes"]:
            return refit_reduction.Mixture(*refit_reduction.reduced(model, frame, labels, groups, how, name), columns)
        classes, positive = self._classes(), how["positive"]
        coded = {code: place for place, code in enumerate((1 - positive, positive))}
        model.set_params(**_relabelled(model.get_params(deep=True), {classes[one]: two for one, two in coded.items()}))
        y = np.where(labels == positive, 1, 0)
        members, weights = refit_reduction.reduced(model, frame, y, groups, how, name)
        return refit_reduction.Voters(members, weights, columns, [classes[code] for code in coded])

    def _classes(self) -> list[Any]:
        classes: list[Any] = np.asarray(self.submitted.classes_).tolist()
        return classes


def _relabelled(given: Mapping[str, Any], codes: Mapping[Any, int]) -> dict[str, Any]:
    """Weights of classes by the numbers that a reduction gives to them."""
    weights = {name: value for name, value in given.items() if name.rpartition("__")[2] == "class_weight"}
    return {
        name: {codes[label]: weight for label, weight in value.items()}
        for name, value in weights.items()
        if isinstance(value, dict) and all(math.isfinite(weight) for weight in value.values())
    }


def main(descriptor: int) -> None:
    """Answer over the socket until the other end closes it."""
    serve(Refitting(), descriptor)
