import contextlib

import numpy as np
import pytest

from reliability.blocks import Column
from reliability.formats.onnx_file import read_onnx
from reliability.formats.unreadable import UnreadableError
from reliability.worker.wire import Refusal

onnxruntime = pytest.importorskip("onnxruntime")
onnx = pytest.importorskip("onnx")
helper, FLOAT, INT64, STRING = onnx.helper, onnx.TensorProto.FLOAT, onnx.TensorProto.INT64, onnx.TensorProto.STRING

N = 200
RANDOM = np.random.default_rng(3)
A, B = RANDOM.normal(size=N), RANDOM.normal(size=N)
LEVELS = ("rent", "own")
HOME = RANDOM.integers(0, 2, N).astype(np.int32)
PRESENT = np.zeros(N, dtype=np.bool_)
COLUMNS = {
    "a": Column(kind="f8", values=A, missing=PRESENT),
    "b": Column(kind="f8", values=B, missing=PRESENT),
}
HOMES = Column(kind="utf8", values=HOME, missing=PRESENT, levels=LEVELS)
ML = "ai.onnx.ml"


def value(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def graph(nodes, inputs, outputs, initializers=()):
    """A file of one graph, in releases that the runtime knows."""
    made = helper.make_graph(nodes, "g", inputs, outputs, list(initializers))
    opsets = [helper.make_opsetid("", 15), helper.make_opsetid(ML, 3)]
    model = helper.make_model(made, opset_imports=opsets, producer_name="by hand", producer_version="1.2")
    model.ir_version = 8
    return model.SerializeToString()


def linear(labels, zipped=False):
    """Logistic regression on two columns, as converters write it."""
    named = {"classlabels_ints": labels} if isinstance(labels[0], int) else {"classlabels_strings": labels}
    weights = [[0.5, -1.0], [-0.5, 1.0]] if len(labels) == 2 else [[0.5, -1.0], [-0.5, 1.0], [0.1, 0.1]]
    node = helper.make_node(
        "LinearClassifier", ["X"], ["label", "scores"], domain=ML, multi_class=0, post_transform="SOFTMAX",
        coefficients=[one for row in weights for one in row], intercepts=[0.1] * len(labels), **named,
    )  # fmt: skip
    kind = INT64 if isinstance(labels[0], int) else STRING
    outputs = [value("label", kind, [None]), value("scores", FLOAT, [None, len(labels)])]
    nodes = [node]
    if zipped:
        name = "classlabels_int64s" if kind == INT64 else "classlabels_strings"
        nodes.append(helper.make_node("ZipMap", ["scores"], ["maps"], domain=ML, **{name: labels}))
        of = helper.make_map_type_proto(kind, helper.make_tensor_type_proto(FLOAT, []))
        outputs[1] = helper.make_value_info("maps", helper.make_sequence_type_proto(of))
    return graph(nodes, [value("X", FLOAT, [None, 2])], outputs)


def of_runtime(content, fed):
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]).run(None, fed)


def both():
    return np.column_stack((A, B)).astype(np.float32)


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("labels", [[0, 1], [1, 0], ["0", "1"]])
def test_answers_are_those_of_the_runtime_to_the_last_bit(served, labels, zipped):
    content = linear(labels, zipped)
    expected = of_runtime(linear(labels), {"X": both()})

    read, said = served("onnx", content, COLUMNS)

    assert said["classes"] == labels
    np.testing.assert_array_equal(read.labels, expected[0].astype(np.int64))
    np.testing.assert_array_equal(read.scores, expected[1][:, [str(one) for one in labels].index("1")])


def test_several_classes_are_put_into_the_declared_order(served):
    content = linear(["c", "a", "b"])
    expected = of_runtime(content, {"X": both()})

    read, _ = served("onnx", content, COLUMNS, task="multiclass", classes=("a", "b", "c"), positive=None)

    np.testing.assert_array_equal(read.scores, expected[1][:, [1, 2, 0]])
    assert [("a", "b", "c")[code] for code in read.labels] == expected[0].tolist()


def sigmoid():
    weights = helper.make_tensor("W", FLOAT, [2, 1], [1.5, -0.5])
    nodes = [helper.make_node("MatMul", ["X", "W"], ["z"]), helper.make_node("Sigmoid", ["z"], ["p"])]
    return graph(nodes, [value("X", FLOAT, [None, 2])], [value("p", FLOAT, [None, 1])], [weights])


def test_one_column_of_scores_is_the_second_declared_class(served):
    share = of_runtime(sigmoid(), {"X": both()})[0][:, 0]

    read, _ = served("onnx", sigmoid(), COLUMNS, declared={"classes": [0, 1]})

    np.testing.assert_array_equal(read.scores, share)
    np.testing.assert_array_equal(read.labels, (share > 0.5).astype(np.int64))


def test_classes_are_asked_for_when_the_file_has_none(served):
    with pytest.raises(Refusal) as caught:
        served("onnx", sigmoid(), COLUMNS)
    assert caught.value.values["what"] == "classes_not_declared"

    with pytest.raises(Refusal) as caught:
        served("onnx", sigmoid(), COLUMNS, declared={"classes": ["a", "b", "c"]})
    assert caught.value.values == {"what": "class_count", "found": "2, declared: 3"}


def test_regression_answers_the_values_of_the_graph(served):
    expected = of_runtime(sigmoid(), {"X": both()})[0][:, 0]

    read, _ = served("onnx", sigmoid(), COLUMNS, task="regression", classes=(), positive=None)

    np.testing.assert_array_equal(read.labels, expected)


def one_input_a_column():
    """A text column turned into a number, and a number, each an input of its own."""
    nodes = [
        helper.make_node("LabelEncoder", ["home"], ["code"], domain=ML, keys_strings=["own", ""],
                         values_floats=[3.0, 9.0], default_float=-1.0),
        helper.make_node("Add", ["code", "a"], ["sum"]),
    ]  # fmt: skip
    inputs = [value("home", STRING, [None, 1]), value("a", FLOAT, [None, 1])]
    return graph(nodes, inputs, [value("sum", FLOAT, [None, 1])])


def test_columns_go_in_by_name_when_every_one_has_its_input(served):
    columns = {"b": COLUMNS["b"], "a": COLUMNS["a"], "home": HOMES}

    read, said = served("onnx", one_input_a_column(), columns, task="regression", classes=(), positive=None)

    assert said["inputs"] == {"by": "name", "reordered": True, "missing": [], "left_out": ["b"]}
    np.testing.assert_array_equal(read.labels, np.where(HOME == 1, 3, -1).astype(np.float32) + A.astype(np.float32))


def test_missing_text_goes_in_as_nothing(served):
    columns = {"a": COLUMNS["a"], "home": Column(kind="utf8", values=HOME, missing=~PRESENT, levels=LEVELS)}

    read, _ = served("onnx", one_input_a_column(), columns, task="regression", classes=(), positive=None)

    np.testing.assert_array_equal(read.labels, np.float32(9) + A.astype(np.float32))


def test_text_goes_in_as_declared_codes_and_is_refused_without(served):
    columns = {"a": COLUMNS["a"], "home": HOMES}
    codes = np.where(HOME == 0, 1.0, 0.0)
    expected = of_runtime(sigmoid(), {"X": np.column_stack((A, codes)).astype(np.float32)})[0][:, 0]
    declared = {"classes": [0, 1], "categories": {"home": ["own", "rent"]}}

    np.testing.assert_array_equal(served("onnx", sigmoid(), columns, declared=declared)[0].scores, expected)
    with pytest.raises(Refusal) as caught:
        served("onnx", sigmoid(), columns, declared={"classes": [0, 1]})
    assert caught.value.values["found"] == "'home' holds text; give the order of its codes in model.categories"


def test_gaps_are_refused_when_an_input_takes_whole_numbers(served):
    nodes = [helper.make_node("Cast", ["X"], ["y"], to=FLOAT)]
    content = graph(nodes, [value("X", INT64, [None, 1])], [value("y", FLOAT, [None, 1])])
    column = Column(kind="i8", values=HOME.astype(np.int64), missing=HOME == 1)

    with pytest.raises(Refusal) as caught:
        served("onnx", content, {"x": column}, task="regression", classes=(), positive=None)
    assert caught.value.values["what"] == "missing_value"


def test_another_number_of_columns_is_refused(served):
    with pytest.raises(Refusal) as caught:
        served("onnx", linear([0, 1]), {"a": COLUMNS["a"]})
    assert caught.value.values == {"what": "count", "found": "2, given: 1"}


def test_head_is_read_without_the_library(tmp_path):
    (tmp_path / "m.onnx").write_bytes(linear(["no", "yes"], zipped=True))

    head = read_onnx(tmp_path / "m.onnx")

    assert (head.producer, head.producer_version, head.labels) == ("by hand", "1.2", ("no", "yes"))
    assert head.opsets == {"ai.onnx": 15, "ai.onnx.ml": 3}
    assert [(port.name, port.type, port.shape) for port in head.inputs] == [("X", "float32", (None, 2))]
    assert [(port.name, port.type) for port in head.outputs] == [("label", "string"), ("maps", "sequence")]
    assert head.operators == ("LinearClassifier", "ZipMap")


@pytest.mark.parametrize("cut", [0, 1, 10, 60, 150])
def test_head_is_refused_when_the_file_is_cut_off(tmp_path, cut):
    (tmp_path / "m.onnx").write_bytes(linear([0, 1])[:cut])

    with pytest.raises(UnreadableError):
        read_onnx(tmp_path / "m.onnx")


def test_head_ends_in_a_refusal_or_a_head_when_any_byte_is_changed(tmp_path):
    whole = linear([0, 1])
    for place in range(len(whole)):
        (tmp_path / "m.onnx").write_bytes(whole[:place] + bytes((whole[place] ^ 0xFF,)) + whole[place + 1 :])
        with contextlib.suppress(UnreadableError):
            read_onnx(tmp_path / "m.onnx")
