"""Every format described without loading it; what is damaged is said to be unreadable, whatever the damage."""

import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import subprocess
import sys
import zipfile
import zlib

import joblib
import numpy as np
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from reliability.formats.compressed import compression, opened
from reliability.formats.describe import _READERS, describe
from reliability.formats.pickle_file import read_pickle
from reliability.formats.protobuf import fields, packed, signed
from reliability.formats.unreadable import UnreadableError

X = np.arange(20.0).reshape(10, 2)
Y = np.arange(10) % 2
FITTED = LogisticRegression().fit(X, Y)
FORMATS = sorted(set(_READERS) - {"python"})
# How a file of each format begins.
HEADS = {
    "catboost": b"CBM1", "joblib": b"x\x9c", "lightgbm": b"tree\nversion=", "onnx": b"\x08\x08\x12\x01x\x3a",
    "pickle": b"\x80\x04\x8c\x02os\x8c\x01x\x93", "skops": b"PK\x03\x04", "torch": b"PK\x03\x04",
    "xgboost": b'{"learner":{',
}  # fmt: skip


def write(tmp_path, content):
    path = tmp_path / "model"
    path.write_bytes(content)
    return path


def dumped(value, **options) -> bytes:
    joblib.dump(value, raw := io.BytesIO(), **options)
    return raw.getvalue()


@pytest.mark.parametrize("maker", [gzip.compress, zlib.compress, bz2.compress, lzma.compress, bytes])
def test_file_made_smaller_reads_as_the_whole_one(tmp_path, maker):
    content = bytes(range(256)) * 9000

    with write(tmp_path, maker(content)).open("rb") as file:
        assert opened(file).read() == content


@pytest.mark.parametrize("level", range(10))
def test_zlib_is_known_at_every_level(level):
    assert compression(io.BytesIO(zlib.compress(b"x" * 999, level))) == "zlib"


def test_zlib_that_is_cut_off_is_an_error_and_not_an_end():
    cut = zlib.compress(os.urandom(5000))[:-100]

    with pytest.raises(EOFError):
        opened(io.BytesIO(cut)).read()


def test_part_of_a_bomb_is_read_without_the_rest():
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(bytes(1 << 22)) for _ in range(64)) + packer.flush()

    assert len(opened(io.BytesIO(bomb)).read(1000)) == 1000


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_is_described_by_the_names_it_asks_for(tmp_path, protocol):
    said = describe("pickle", write(tmp_path, pickle.dumps(FITTED, protocol=protocol)))

    assert "sklearn.linear_model._logistic.LogisticRegression" in said["names"]
    assert (said["protocol"], said["whole"]) == (max(protocol, 2) if protocol > 1 else 0, True)


def test_pickle_that_acts_is_described_and_does_not_act(tmp_path):
    class Acting:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path / 'marker'}",)

    said = describe("pickle", write(tmp_path, gzip.compress(pickle.dumps(Acting()))))

    assert (said["names"], said["compression"]) == (["posix.system"], "gzip")
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize("options", [{}, {"compress": 3}])
def test_joblib_is_described_though_arrays_stand_between_its_opcodes(tmp_path, options):
    forest = RandomForestClassifier(3, random_state=0).fit(X, Y)

    said = describe("joblib", write(tmp_path, dumped(forest, **options)))

    assert {"sklearn.ensemble._forest.RandomForestClassifier", "sklearn.tree._tree.Tree"} <= set(said["names"])
    assert said["whole"] is False


def test_names_fetched_again_from_the_memo_are_told(tmp_path):
    path = write(tmp_path, pickle.dumps([np.float64, np.float32, np.int8]))

    assert read_pickle(path).names == ("numpy.float32", "numpy.float64", "numpy.int8")


def test_skops_is_described_by_its_types(tmp_path):
    said = describe("skops", write(tmp_path, skops.io.dumps(FITTED)))

    assert said["version"] == skops.__version__
    assert "sklearn.linear_model._logistic.LogisticRegression" in said["types"]


@pytest.mark.parametrize(
    ("members", "said"),
    [
        (["m/data.pkl", "m/code/__torch__.py", "m/constants.pkl"], {"kind": "torchscript"}),
        (["archive_format", "models/model.json"], {"unreadable": "no archive of PyTorch"}),
        (["m/archive_format", "m/models/model.json"], {"kind": "export"}),
        (["serialized_exported_program.json"], {"kind": "export"}),
        (["m/data.pkl"], {"unreadable": "a pickled module or its weights; hand in torch.export or TorchScript"}),
        ([], {"unreadable": "no archive of PyTorch"}),
    ],
)
def test_torch_is_described_by_what_is_in_its_archive(tmp_path, members, said):
    with zipfile.ZipFile(raw := io.BytesIO(), "w") as archive:
        for name in members:
            archive.writestr(name, b"")

    assert describe("torch", write(tmp_path, raw.getvalue())) == said


def test_project_is_described_by_its_files_and_wheels(tmp_path):
    (tmp_path / "wheels").mkdir()
    (tmp_path / "predict.py").write_text("")
    (tmp_path / "wheels" / "a-1-py3-none-any.whl").write_bytes(b"")

    assert describe("python", tmp_path) == {"files": 2, "wheels": ["wheels/a-1-py3-none-any.whl"]}
    (tmp_path / "out").symlink_to("/")
    assert describe("python", tmp_path) == {"unreadable": "'out' is a link or a device"}


def test_long_lists_are_cut_with_a_mark(tmp_path):
    names = "\n".join(["tree", "version=v4", "feature_names=" + " ".join(f"f{place}" for place in range(90))])

    said = describe("lightgbm", write(tmp_path, names.encode()))

    assert (len(said["columns"]), said["columns"][-1]) == (51, "…")


@pytest.mark.parametrize("named", FORMATS)
@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"not a model", b"PK\x05\x06" + bytes(18), b"[" * 9000, b"\x80\x04."]
)
def test_what_is_no_model_is_unreadable(tmp_path, named, content):
    said = describe(named, write(tmp_path, content))

    assert set(said) == {"unreadable"} or (named in {"pickle", "joblib"} and said["whole"]), said


@given(st.sampled_from(FORMATS), st.binary(max_size=300), st.integers(0, 3))
@settings(max_examples=300, deadline=None)
def test_any_bytes_end_in_words(tmp_path_factory, named, noise, at):
    path = tmp_path_factory.mktemp("noise") / "model"
    path.write_bytes(HEADS[named][: len(HEADS[named]) - at] + noise)

    said = describe(named, path)

    json.dumps(said)


@given(st.binary(max_size=200))
def test_fields_of_any_bytes_are_read_or_refused(raw):
    try:
        told = list(fields(memoryview(raw)))
    except UnreadableError:
        return
    assert all(isinstance(number, int) for number, _ in told)


@pytest.mark.parametrize(("raw", "number"), [(b"\x00", 0), (b"\x96\x01", 150), (b"\xff" * 9 + b"\x01", -1)])
def test_whole_numbers_are_read_with_their_sign(raw, number):
    assert packed(memoryview(raw)) == [number]
    assert signed(number % (1 << 64)) == number


def test_no_library_of_models_is_imported_to_describe():
    program = "import sys, reliability.formats.describe; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout.split()

    assert not {"numpy", "onnx", "onnxruntime", "xgboost", "lightgbm", "catboost", "skops", "joblib"} & set(told)


def test_every_format_that_lies_in_a_file_is_described():
    from typing import get_args

    from reliability.submission.manifest import ModelFormat

    assert set(_READERS) == set(get_args(ModelFormat)) - {"endpoint"}
