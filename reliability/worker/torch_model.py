"""Runs a PyTorch program (torch.export or TorchScript) on the processor; runs inside the worker only."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from reliability.formats.torch_file import read_torch
from reliability.formats.unreadable import UnreadableError
from reliability.worker.encoded import Scored, labelled, matrix
from reliability.worker.wire import Refusal

LIBRARIES = ("numpy", "pandas", "torch")


def load(path: Path, declared: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The program of the file: one tensor of all columns goes in, probabilities or values come out."""
    try:
        kind = read_torch(path)
    except UnreadableError as error:
        raise Refusal("not_a_model", format="torch", found=str(error)) from error
    torch.set_num_threads(1)
    with path.open("rb") as file:
        if kind == "torchscript":
            program = torch.jit.load(file, map_location="cpu").eval()
        else:
            program = torch.export.load(file).module()
    return _Program(program, declared), {"wrapper": kind}


class _Program(Scored):
    def __init__(self, program: Any, declared: Mapping[str, Any]) -> None:
        self._program = program
        self._categories = declared.get("categories") or {}
        if declared.get("task") != "regression":
            self.with_classes(labelled(declared, None))

    def scored(self, frame: Any) -> npt.NDArray[Any]:
        with torch.no_grad():
            answer = self._program(torch.from_numpy(matrix(frame, self._categories, "float32")))
        return np.asarray(answer.detach().numpy())
