"""Every reader on what is damaged, cut off, too long or of another format: words, and never an error of a library."""

import io
import json
import pickle
import zipfile
from functools import cache

import joblib
import numpy as np
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from reliability.formats.describe import _READERS, describe

FORMATS = sorted(set(_READERS) - {"python"})
PACKED = {"stored": zipfile.ZIP_STORED, "deflated": zipfile.ZIP_DEFLATED, "bzip2": zipfile.ZIP_BZIP2,
          "lzma": zipfile.ZIP_LZMA}  # fmt: skip
SCHEMA = json.dumps({"_skops_version": "0.11", "__class__": "A", "__module__": "b.c"})


def archive(members, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(raw := io.BytesIO(), "w", method) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return raw.getvalue()


def varint(number):
    made = bytearray()
    while number > 0x7F:
        made.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*made, number))


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


@cache
def samples():
    """A file of every format, as small as it can be and as its library writes it where that is quick."""
    model = LogisticRegression().fit(np.arange(8.0).reshape(4, 2), [0, 1, 0, 1])
    joblib.dump(model, dumped := io.BytesIO())
    port = field(1, b"x") + field(2, field(1, varint(1 << 3) + varint(1)))
    return {
        "skops": skops.io.dumps(model),
        "pickle": pickle.dumps(model),
        "joblib": dumped.getvalue(),
        "onnx": field(2, b"by hand") + field(7, field(11, port) + field(12, port)),
        "xgboost": b'{"learner":{"learner_model_param":{"num_class":"0","num_feature":"2"},'
                   b'"objective":{"name":"binary:logistic"}},"version":[2,1,0]}',
        "lightgbm": b"tree\nversion=v4\nnum_class=1\nobjective=binary sigmoid:1\nfeature_names=a b\n\nTree=0\n"
                    b"\npandas_categorical:[]\n",
        "catboost": b"CBM1" + bytes(8) + b'CatBoost release 1.2.7 {"loss_function":{"type":"Logloss"}}',
        "torch": archive({"m/constants.pkl": b"", "m/code/a.py": b""}),
    }  # fmt: skip


def written(folder, content):
    path = folder / "model"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("named", FORMATS)
def test_a_whole_file_is_described(tmp_path, named):
    said = describe(named, written(tmp_path, samples()[named]))

    assert said
    assert "unreadable" not in said


@pytest.mark.parametrize("named", FORMATS)
def test_an_empty_file_is_unreadable(tmp_path, named):
    assert set(describe(named, written(tmp_path, b""))) == {"unreadable"}


@pytest.mark.parametrize("named", FORMATS)
def test_a_file_cut_off_anywhere_is_described_or_unreadable(tmp_path, named):
    whole = samples()[named]

    for cut in range(0, len(whole), max(1, len(whole) // 60)):
        json.dumps(describe(named, written(tmp_path, whole[:cut])))


@pytest.mark.parametrize("named", FORMATS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_file_with_bytes_changed_is_described_or_unreadable(tmp_path_factory, named, data):
    changed = bytearray(samples()[named])
    for _ in range(data.draw(st.integers(1, 6))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]))

    json.dumps(describe(named, written(tmp_path_factory.mktemp("changed"), bytes(changed))))


@pytest.mark.parametrize("named", FORMATS)
@pytest.mark.parametrize("other", FORMATS)
def test_a_file_of_another_format_is_not_taken_for_one_of_this(tmp_path, named, other):
    alike = {named, other} <= {"pickle", "joblib"} or named == other
    said = describe(named, written(tmp_path, samples()[other]))

    assert ("unreadable" not in said) == alike


@pytest.mark.parametrize("named", FORMATS)
def test_a_file_that_is_not_there_is_unreadable(tmp_path, named):
    assert set(describe(named, tmp_path / "gone")) == {"unreadable"}


@pytest.mark.parametrize("named", FORMATS)
def test_a_folder_where_a_file_should_be_is_unreadable(tmp_path, named):
    assert set(describe(named, tmp_path)) == {"unreadable"}


@pytest.mark.parametrize("named", ["", "endpoint", "h5", "SKOPS"])
def test_of_a_format_that_is_not_known_nothing_is_said(tmp_path, named):
    assert describe(named, written(tmp_path, b"anything")) == {}


def damaged(method, at, value):
    """An archive of skops in which one byte of the packed schema is another."""
    raw = bytearray(archive({"schema.json": SCHEMA * 20}, PACKED[method]))
    begin = 30 + len("schema.json")
    raw[begin + at] = value
    return bytes(raw)


@pytest.mark.parametrize("method", sorted(PACKED))
def test_members_that_do_not_unpack_are_no_archive_of_skops(tmp_path, method):
    for at in range(20):
        for value in (0x00, 0x55, 0xFF):
            said = describe("skops", written(tmp_path, damaged(method, at, value)))
            assert said == {"unreadable": "no archive of skops"}


@pytest.mark.parametrize("method", sorted(PACKED))
def test_members_are_read_however_they_were_packed(tmp_path, method):
    said = describe("skops", written(tmp_path, archive({"schema.json": SCHEMA}, PACKED[method])))

    assert said == {"version": "0.11", "types": ["b.c.A"]}


@pytest.mark.parametrize(
    "schema", ["", "[]", "7", "null", "{", "[" * 20_000, "\ufeff{}"],
    ids=["empty", "list", "number", "null", "open", "deep", "marked"],
)  # fmt: skip
def test_a_schema_that_is_no_object_is_no_archive_of_skops(tmp_path, schema):
    said = describe("skops", written(tmp_path, archive({"schema.json": schema})))

    assert said == {"unreadable": "no archive of skops"}


def test_a_schema_that_says_nothing_is_described_by_that(tmp_path):
    assert describe("skops", written(tmp_path, archive({"schema.json": "{}"}))) == {"version": "None"}


def test_a_schema_that_unpacks_to_too_much_is_not_unpacked(tmp_path):
    raw = archive({"schema.json": b" " * ((64 << 20) + 1)}, zipfile.ZIP_DEFLATED)

    assert len(raw) < 1 << 20
    assert describe("skops", written(tmp_path, raw)) == {"unreadable": "its schema is too large"}


def test_many_types_are_cut_off_with_a_mark(tmp_path):
    many = ", ".join(f'{{"__class__": "C{place:04}", "__module__": "m"}}' for place in range(1_500))
    said = describe("skops", written(tmp_path, archive({"schema.json": f'{{"a": [{many}]}}'})))

    assert said["types"][0] == "m.C0000"
    assert (len(said["types"]), said["types"][-1]) == (51, "…")


@pytest.mark.parametrize("method", sorted(PACKED))
def test_an_archive_of_torch_is_told_by_names_without_unpacking(tmp_path, method):
    raw = archive({"m/archive_format": b"x" * 100, "m/data.pkl": b""}, PACKED[method])

    assert describe("torch", written(tmp_path, raw)) == {"kind": "export"}


@pytest.mark.parametrize("named", ["skops", "torch"])
def test_an_archive_behind_other_bytes_is_still_an_archive(tmp_path, named):
    said = describe(named, written(tmp_path, b"#!/bin/sh\n" + samples()[named]))

    assert "unreadable" not in said


@pytest.mark.parametrize("named", ["skops", "torch"])
def test_an_archive_without_its_directory_is_unreadable(tmp_path, named):
    raw = samples()[named]

    assert set(describe(named, written(tmp_path, raw[: raw.rindex(b"PK\x01\x02")]))) == {"unreadable"}
