"""What a PyTorch archive says of itself: which of its kinds it is."""

import zipfile
from pathlib import Path

from reliability.formats.unreadable import UnreadableError

_MOST_MEMBERS = 100_000


def read_torch(path: Path) -> str:
    """`torchscript` or `export`; UnreadableError for anything else, a pickled module too."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            names = archive.namelist()[:_MOST_MEMBERS]
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError) as error:
        raise UnreadableError("no archive of PyTorch") from error
    inner = {name.partition("/")[2] for name in names}
    if "constants.pkl" in inner and any(name.startswith("code/") for name in inner):
        return "torchscript"
    if "archive_format" in inner or any(name.endswith("serialized_exported_program.json") for name in names):
        return "export"
    if "data.pkl" in inner:
        raise UnreadableError("a pickled module or its weights; hand in torch.export or TorchScript")
    raise UnreadableError("no archive of PyTorch")
