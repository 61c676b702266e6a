"""Reads one workbook for the workbench; runs in the confined process, and nothing that it says is believed."""

import json

from reliability.worker.reader import Serving, serve
from reliability.worker.wire import Bytes, Header


class WorkbookReader(Serving):
    """The cells of the workbook that comes over the line."""

    def load_parsers(self) -> None:
        """Import what reads the zip and its XML."""
        import reliability.questionnaire.workbook_package  # noqa: F401  (loaded for what it does)

    def cells(self, _asked: Header, _body: bytearray) -> tuple[Header, Bytes]:
        """Every sheet with its cells: row, column, kind and text."""
        from reliability.questionnaire.workbook_package import read_package

        package = read_package(self.handed_over())
        sheets = [
            [one.name, [[*place, cell.kind, cell.text] for place, cell in one.cells.items()], one.merged]
            for one in package.sheets
        ]
        return {"epoch_1904": package.epoch_1904}, json.dumps({"sheets": sheets}).encode()


def main(descriptor: int) -> None:
    """Answer over the socket until the other end closes it."""
    serve(descriptor, WorkbookReader(), ("hello", "cells"))
