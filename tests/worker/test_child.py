import json
import socket
import subprocess
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from reliability.worker import child, wire
from reliability.worker.wire import Refusal, WireColumn


def column(kind, values, gone=(), levels=()):
    values = np.array(values)
    missing = np.isin(np.arange(len(values)), gone)
    return WireColumn(kind=kind, values=values, missing=missing, levels=levels)


@pytest.mark.parametrize(
    ("given", "dtype", "values"),
    [
        (column("f8", [1.5, 0.0], [1]), "float64", [1.5, np.nan]),
        (column("i8", [1, 2]), "int64", [1, 2]),
        (column("i8", [1, 0], [1]), "float64", [1.0, np.nan]),
        (column("bool", [True, False]), "bool", [True, False]),
        (column("bool", [True, False], [1]), "object", [True, np.nan]),
        (column("utf8", [0, 0, 1], [1], ("가", "나")), "object", ["가", np.nan, "나"]),
    ],
)
def test_frame_has_the_types_that_models_expect(given, dtype, values):
    frame = child._frame({"열": given}, None)

    expected = pd.Series(np.array(values, dtype=dtype), dtype=dtype, name="열")
    pd.testing.assert_series_equal(frame["열"], expected)


def test_frame_takes_the_models_own_order_when_it_names_its_columns():
    columns = {name: column("i8", [1]) for name in ("a", "b", "c")}

    assert list(child._frame(columns, np.array(["c", "a"], dtype=object)).columns) == ["c", "a"]
    assert list(child._frame(columns, ["c", "z"]).columns) == ["a", "b", "c"]


def test_frame_may_be_written_to_when_a_model_works_in_place():
    body = wire.pack({"x": column("i8", [1, 2])})
    frame = child._frame(wire.unpack(body[1], described=body[0], rows=2), None)

    frame.loc[0, "x"] = 7

    assert frame["x"].tolist() == [7, 2]


@pytest.mark.parametrize(
    ("classes", "listed"),
    [
        (np.array(["a", "b"]), ["a", "b"]),
        (np.array([0, 1]), [0, 1]),
        (np.array([False, True]), [False, True]),
        (np.array([0.0, 1.5]), [0.0, 1.5]),
        (np.array(["a", 1], dtype=object), ["a", 1]),
        (None, None),
    ],
)
def test_classes_are_plain_when_listed(classes, listed):
    assert child._classes(SimpleNamespace(classes_=classes)) == listed


@pytest.mark.parametrize("classes", [[[0, 1], [0, 1]], [0.0, float("nan")], [b"a", b"b"], [None, "a"], 3, [0] * 1001])
def test_classes_are_refused_when_no_record_could_name_them(classes):
    with pytest.raises(Refusal) as caught:
        child._classes(SimpleNamespace(classes_=classes))
    assert caught.value.code == "model_bad_output"


@pytest.mark.parametrize("answer", [[[0.5, 0.5]], [0.5, 0.5], [[[0.5, 0.5]]], [["a", "b"], ["a", "b"]]])
def test_scores_are_refused_when_they_are_no_table_of_numbers(answer):
    with pytest.raises(Refusal):
        child._scores(answer, 2, 2)


def test_attempt_tells_refusal_from_success():
    def refused():
        raise PermissionError

    assert child._attempt(refused) == "refused"
    assert child._attempt(lambda: None) == "succeeded"


def test_break_outs_succeed_when_nothing_confines(tmp_path):
    file = tmp_path / "model"
    file.write_bytes(b"")
    tried = child._break_outs({"file": str(file), "port": 1, "socket": "none"}, file)

    assert child._attempt(tried["read_home"]) == "succeeded"
    assert child._attempt(tried["write_model"]) == "succeeded"
    assert child._attempt(tried["connect_loopback"]) == "refused"


def test_main_ends_when_the_other_side_leaves():
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=child.main, args=(theirs.detach(),))
    thread.start()
    ours.close()
    thread.join(5)

    assert not thread.is_alive()


def test_main_reports_an_error_when_it_is_asked_before_loading():
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=child.main, args=(theirs.detach(),))
    thread.start()
    with ours:
        wire.send(ours, {"op": "load", "id": 1})
        header, body = wire.receive(ours, max_body=0)
    thread.join(5)

    assert (header["error"], header["id"], body) == ("model_load_failed", 1, b"")


def test_child_imports_nothing_of_ours_but_the_wire():
    program = "import json, sys, reliability.worker.child; print(json.dumps(sorted(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    ours = [name for name in json.loads(told.stdout) if name.startswith("reliability")]
    assert ours == ["reliability", "reliability.worker", "reliability.worker.child", "reliability.worker.wire"]
