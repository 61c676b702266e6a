"""Files that act when they are loaded, each harmlessly: a marker file, or a connection to a listener of ours."""

import bz2
import functools
import gzip
import importlib
import io
import logging
import lzma
import os
import pickle
import runpy
import shutil
import socket
import subprocess
import urllib.request
import uuid
import zipfile
import zlib
from pathlib import Path

import cloudpickle
import joblib
import numpy as np
import pandas as pd
from numpy.testing._private.utils import runstring
from sklearn.preprocessing import FunctionTransformer

NOBODY_LISTENS = 9


class Acting:
    """Calls something when it is unpickled."""

    def __init__(self, call, *arguments):
        self.call, self.arguments = call, arguments

    def __reduce__(self):
        return self.call, self.arguments


class Import:
    """The module of that name, when it is unpickled."""

    def __init__(self, name):
        self.name = name

    def __reduce__(self):
        return importlib.import_module, (self.name,)


def dumped(value) -> bytes:
    joblib.dump(value, raw := io.BytesIO())
    return raw.getvalue()


def by_opcodes(module: str, name: str, argument: str) -> bytes:
    """A pickle that calls a name with a text, the name written as text on the stack."""
    texts = b"".join(b"\x8c" + bytes((len(one),)) + one for one in (module.encode(), name.encode()))
    called = b"\x8c" + bytes((len(argument),)) + argument.encode()
    return b"\x80\x04" + texts + b"\x93" + called + b"\x85R."


def acting(marker: Path, port: int = NOBODY_LISTENS) -> dict[str, bytes]:
    """Every file by the name of its trick; `marker` is a path short enough for a pickle's short text."""
    touch = f"touch {marker}"
    nested = pickle.dumps(Acting(os.system, touch))
    whole = _values(marker, port, touch, nested)
    files = {name: pickle.dumps(value, protocol=4) for name, value in whole.items()}
    files |= {f"joblib {name}": dumped(value) for name, value in whole.items()}
    files |= _written_by_hand(touch, nested)
    makers = {"gzip": gzip.compress, "zlib": zlib.compress, "bz2": bz2.compress, "xz": lzma.compress}
    files |= {f"in {name}": maker(nested) for name, maker in makers.items()}
    files["in lzma"] = lzma.compress(nested, format=lzma.FORMAT_ALONE)
    files["second stage in zlib"] = zlib.compress(files["second stage"])
    files["cloudpickled"] = cloudpickle.dumps(FunctionTransformer(lambda frame: os.system(touch)))
    return files


def _values(marker: Path, port: int, touch: str, nested: bytes) -> dict[str, object]:
    code = f"open({str(marker)!r}, 'w')"
    return {
        "os.system": Acting(os.system, touch),
        "subprocess": Acting(subprocess.run, ["touch", str(marker)]),
        "eval": Acting(eval, code),
        "exec": Acting(exec, code),
        "open": Acting(open, str(marker), "w"),
        "getattr chain": Acting(getattr, Import("os"), "system"),
        "import": Import("antigravity"),
        "run a path": Acting(runpy.run_path, str(marker)),
        "numpy's runstring": Acting(runstring, code, {}),
        "second stage": Acting(pickle.loads, nested),
        "pandas second stage": Acting(pd.read_pickle, str(marker)),
        "joblib second stage": Acting(joblib.load, str(marker)),
        "partial": functools.partial(os.system, touch),
        "socket": Acting(socket.create_connection, ("127.0.0.1", port)),
        "urlopen": Acting(urllib.request.urlopen, f"http://127.0.0.1:{port}/", None, 1),
        "path": Acting(Path.touch, marker),
        "log file": Acting(logging.FileHandler, str(marker)),
        "copy": Acting(shutil.copy, "/etc/hostname", str(marker)),
        "array to disk": Acting(np.save, str(marker), np.zeros(1)),
        "uuid": Acting(uuid._get_command_stdout, "touch", str(marker)),
        "inside a model": FunctionTransformer(functools.partial(os.system)),
        "array of objects": np.array([Acting(os.system, touch)], dtype=object),
    }


def _written_by_hand(touch: str, nested: bytes) -> dict[str, bytes]:
    return {
        "dotted in an allowed module": by_opcodes("sklearn.pipeline", "clone.__globals__", touch),
        "dotted in datasets": by_opcodes("sklearn.datasets._base", "os.system", touch),
        "dotted in joblib": by_opcodes("joblib.memory", "os.system", touch),
        "corrupt tail": nested[:-1] + b"\xff\xff\xff",
        # Names on the stack that are thrown away before the call, to mislead who reads the text only.
        "popped": b"\x80\x04\x8c\x05numpy\x8c\x05dtype00\x8c\x05posix\x8c\x06system\x93\x8c"
        + bytes((len(touch),)) + touch.encode() + b"\x85R.",
        "old protocol": b"cos\nsystem\n(S'" + touch.encode() + b"'\ntR.",
        "instance": b"(S'" + touch.encode() + b"'\nios\nsystem\n.",
        "of python 2": b"c__builtin__\neval\n(S'1'\ntR.",
    }  # fmt: skip


def torch_zip(marker: Path) -> bytes:
    """An archive as torch.save makes it, with a pickle in it that acts."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps(Acting(os.system, f"touch {marker}"), protocol=2))
        archive.writestr("model/version", "3\n")
    return raw.getvalue()
