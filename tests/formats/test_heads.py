"""What model files say of themselves, field by field: what is written by hand here is what is read."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.formats.catboost_file import read_catboost
from reliability.formats.describe import describe
from reliability.formats.lightgbm_file import read_lightgbm
from reliability.formats.onnx_file import Port, read_onnx
from reliability.formats.pickle_file import read_pickle
from reliability.formats.protobuf import fields, message, packed, signed, text
from reliability.formats.requirements import read_requirements
from reliability.formats.unreadable import UnreadableError
from reliability.formats.xgboost_file import read_xgboost

WORD = 1 << 64


def varint(number):
    made = bytearray()
    while number > 0x7F:
        made.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*made, number))


def of(number, content):
    """A field of protobuf: bytes, text, a whole number or a float of 8 bytes."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content % WORD)
    if isinstance(content, float):
        return varint(number << 3 | 1) + struct.pack("<d", content)
    raw = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(raw)) + raw


@pytest.fixture
def written(tmp_path):
    def write(content):
        (tmp_path / "model").write_bytes(content)
        return tmp_path / "model"

    return write


@given(st.lists(st.tuples(st.integers(1, 1 << 28), st.one_of(
    st.integers(0, WORD - 1), st.binary(max_size=40), st.floats(allow_nan=False))), max_size=8))  # fmt: skip
def test_fields_are_read_as_they_were_written(given_fields):
    raw = b"".join(of(*one) for one in given_fields)

    assert [(number, bytes(value) if isinstance(value, memoryview) else value)
            for number, value in fields(memoryview(raw))] == given_fields  # fmt: skip


@given(st.lists(st.integers(-(1 << 63), (1 << 63) - 1), max_size=10))
def test_numbers_packed_together_are_read_with_their_signs(numbers):
    raw = b"".join(varint(one % WORD) for one in numbers)

    assert packed(memoryview(raw)) == numbers
    assert [signed(one % WORD) for one in numbers] == numbers


def test_floats_of_four_bytes_are_read():
    assert list(fields(memoryview(varint(3 << 3 | 5) + struct.pack("<f", 0.5)))) == [(3, 0.5)]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (varint(1 << 3 | 2) + varint(WORD - 1), "cut off"),
        (varint(1 << 3 | 2) + varint(1 << 40) + b"x", "cut off"),
        (varint(1 << 3 | 1) + b"1234567", "cut off"),
        (varint(1 << 3 | 5) + b"123", "cut off"),
        (varint(1 << 3), "cut off"),
        (b"\x80" * 11, "a number that does not end"),
        (varint(1 << 3 | 3), "wire type 3"),
        (varint(1 << 3 | 7), "wire type 7"),
    ],
    ids=["longest length", "huge length", "short double", "short float", "no number", "endless", "group", "unknown"],
)
def test_a_message_that_goes_on_beyond_its_end_is_refused(raw, why):
    with pytest.raises(UnreadableError, match=why):
        list(fields(memoryview(raw)))


@pytest.mark.parametrize(("read", "value", "why"), [
    (text, 7, "a number where text"), (message, 0.5, "a number where a message"), (packed, 0.5, "a float where whole"),
])  # fmt: skip
def test_a_field_of_another_kind_than_expected_is_refused(read, value, why):
    with pytest.raises(UnreadableError, match=why):
        read(value)


def test_text_that_is_not_utf_8_is_read_with_a_mark():
    assert text(memoryview(b"a\xffb")) == "a\ufffdb"


def port(name, element=1, sizes=(0, 3)):
    shape = b"".join(of(1, of(1, size) if size else of(2, "N")) for size in sizes)
    return of(1, name) + of(2, of(1, of(1, element) + of(2, shape)))


def graph(*more, outputs=("y",)):
    return b"".join((*more, *(of(12, port(name)) for name in outputs)))


def test_ports_have_names_types_and_sizes_that_may_be_open(written):
    raw = of(7, graph(of(11, port("a", 1, (0, 3))), of(11, port("b", 8, ())), of(11, port("c", 99, (2,)))))

    assert read_onnx(written(raw)).inputs == (
        Port(name="a", type="float32", shape=(None, 3)), Port(name="b", type="string", shape=()),
        Port(name="c", type="other", shape=(2,)),
    )  # fmt: skip


def test_a_port_that_is_neither_tensor_nor_sequence_is_something_else(written):
    raw = of(7, graph(of(11, of(1, "m") + of(2, of(5, b""))), of(11, of(1, "s") + of(2, of(4, b"")))))

    assert [(one.name, one.type) for one in read_onnx(written(raw)).inputs] == [("m", "other"), ("s", "sequence")]


def test_weights_are_no_inputs_though_they_stand_among_them(written):
    raw = of(7, graph(of(5, of(8, "w")), of(11, port("w")), of(11, port("x"))))

    assert [one.name for one in read_onnx(written(raw)).inputs] == ["x"]


@pytest.mark.parametrize(("kind", "field_number", "given_labels", "told"), [
    ("classlabels_int64s", 8, [0, -1, 7], (0, -1, 7)), ("classlabels_ints", 8, [3], (3,)),
    ("classlabels_strings", 9, ["no", "예"], ("no", "예")), ("coefficients", 8, [1, 2], ()),
])  # fmt: skip
def test_labels_are_those_of_the_node_that_has_some(written, kind, field_number, given_labels, told):
    attribute = of(1, kind) + b"".join(of(field_number, one) for one in given_labels)
    raw = of(7, graph(of(1, of(4, "LinearClassifier") + of(5, attribute)), of(1, of(4, "ZipMap"))))
    head = read_onnx(written(raw))

    assert head.labels == told
    assert head.operators == ("LinearClassifier", "ZipMap")


def test_opsets_are_told_by_domain_and_the_last_of_a_domain_counts(written):
    opsets = of(8, of(2, 15)) + of(8, of(1, "ai.onnx.ml") + of(2, 3)) + of(8, of(2, 17))
    said = describe("onnx", written(opsets + of(2, "by hand") + of(7, graph())))

    assert said["opsets"] == ["ai.onnx 17", "ai.onnx.ml 3"]
    assert said["producer"] == "by hand"


@pytest.mark.parametrize("raw", [of(2, "x"), of(7, b""), of(7, of(11, port("x")))])
def test_without_a_graph_that_gives_something_there_is_no_model(written, raw):
    with pytest.raises(UnreadableError, match="no graph"):
        read_onnx(written(raw))


def test_too_many_nodes_are_not_read_to_their_end(written, monkeypatch):
    monkeypatch.setattr("reliability.formats.onnx_file.MOST_NODES", 3)

    assert read_onnx(written(of(7, graph(*[of(1, of(4, "Add"))] * 3)))).operators == ("Add",)
    with pytest.raises(UnreadableError, match="too many nodes"):
        read_onnx(written(of(7, graph(*[of(1, of(4, "Add"))] * 4))))


def ubj_text(content):
    return b"SL" + len(content).to_bytes(8, "big") + content


UBJ = (
    b"{L" + (7).to_bytes(8, "big") + b"learner" + b"num_class" + ubj_text(b"3") + b"num_feature" + ubj_text(b"12")
    + b"objective{L" + (4).to_bytes(8, "big") + b"name" + ubj_text(b"multi:softprob")
    + b"version[#L" + bytes(7) + b"\x03i\x02i\x01i\x05"
)  # fmt: skip
JSON = (b'{"learner":{"learner_model_param":{"num_class":"3","num_feature":"12"},'
        b'"objective":{"name":"multi:softprob"}},"version":[2,1,5]}')  # fmt: skip


@pytest.mark.parametrize("form", ["json", "ubj"])
def test_both_forms_of_xgboost_say_the_same(written, form):
    head = read_xgboost(written({"json": JSON, "ubj": UBJ}[form]))

    assert (head.form, head.version, head.objective) == (form, "2.1.5", "multi:softprob")
    assert (head.classes, head.columns) == ("3", "12")


@pytest.mark.parametrize("form", ["json", "ubj"])
def test_trees_between_the_ends_are_passed_over(written, form):
    raw = {"json": JSON.replace(b'"objective"', b'"trees":"' + b"x" * 200_000 + b'","objective"'), "ubj": UBJ}[form]

    assert read_xgboost(written(raw)).version == "2.1.5"


def test_a_length_beyond_the_end_reads_what_there_is(written):
    raw = UBJ.replace(b"num_class" + ubj_text(b"3"), b"num_class" + b"SL" + b"\xff" * 8 + b"3")

    assert read_xgboost(written(raw)).classes.startswith("3")
    assert len(read_xgboost(written(raw)).classes) <= 100


@pytest.mark.parametrize("raw", [b"[1]", b"binf", b"{}", b"{ 1", b"\x00{"])
def test_what_begins_neither_like_json_nor_like_ubjson_is_refused(written, raw):
    with pytest.raises(UnreadableError, match="neither JSON nor UBJSON"):
        read_xgboost(written(raw))


@pytest.mark.parametrize("form", ["json", "ubj"])
def test_what_a_file_does_not_say_is_empty(written, form):
    head = read_xgboost(written({"json": b'{"a":1}', "ubj": UBJ[:18]}[form]))

    assert (head.version, head.objective, head.classes, head.columns) == ("", "", "", "")


LIGHTGBM = (
    b"tree\nversion=v4\nnum_class=3\nobjective=multiclass num_class:3\nfeature_names=a b c\n\nTree=0\nnum_class=9\n"
)


def test_lines_before_the_first_tree_are_read_and_no_others(written):
    head = read_lightgbm(written(LIGHTGBM))

    assert (head.version, head.objective, head.classes) == ("v4", "multiclass", 3)
    assert head.columns == ("a", "b", "c")
    assert (head.categorical, head.carriage_returns) == (False, False)


@pytest.mark.parametrize("digits", [10, 5_000])
def test_a_number_of_classes_that_is_too_long_is_cut(written, digits):
    raw = LIGHTGBM.replace(b"num_class=3\n", b"num_class=" + b"9" * digits + b"\n")

    assert read_lightgbm(written(raw)).classes == 999_999_999


@pytest.mark.parametrize("count", ["0", "-3", "x", "", "²"])
def test_a_number_of_classes_that_is_none_is_one(written, count):
    raw = LIGHTGBM.replace(b"num_class=3\n", f"num_class={count}\n".encode())

    assert read_lightgbm(written(raw)).classes == 1


@pytest.mark.parametrize(("line", "told"), [
    (b"[]", False), (b"null", False), (b'[["a", "b"]]', True), (b" [] ", False), (b"", True),
])  # fmt: skip
def test_categories_are_told_by_the_last_lines(written, line, told):
    raw = LIGHTGBM + b"x" * 100_000 + b"\npandas_categorical:" + line + b"\n"

    assert read_lightgbm(written(raw)).categorical is told


def test_line_ends_that_were_changed_on_the_way_are_noticed(written):
    assert read_lightgbm(written(LIGHTGBM.replace(b"\n", b"\r\n"))).carriage_returns
    with pytest.raises(UnreadableError, match="the first line is not 'tree'"):
        read_lightgbm(written(b"trees\n"))


@pytest.mark.parametrize("between", [0, 3 << 20])
def test_notes_of_catboost_are_found_at_either_end(written, between):
    notes = b'CatBoost release 1.2.7 "loss_function" : {"params": {}, "type": "RMSE"}'

    for raw in (b"CBM1" + notes + bytes(between), b"CBM1" + bytes(between) + notes):
        head = read_catboost(written(raw))
        assert (head.version, head.loss) == ("1.2.7", "RMSE")


def test_catboost_without_notes_says_nothing(written):
    assert describe("catboost", written(b"CBM1" + bytes(100))) == {}


@pytest.mark.parametrize(
    ("raw", "names", "protocol"),
    [
        (b"cos\nsystem\n.", ("os.system",), 0),
        (b"(ios\nsystem\n.", ("os.system",), 0),
        (b"\x80\x02cbuiltins\neval\nq\x00.", ("builtins.eval",), 2),
        (b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93\x94.", ("os.system",), 4),
        (b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x930h\x00h\x01\x93.", ("os.system",), 4),
    ],
    ids=["global", "inst", "protocol 2", "stack", "memo"],
)
def test_names_are_told_by_whichever_opcode_asks_for_them(written, raw, names, protocol):
    head = read_pickle(written(raw))

    assert (head.names, head.protocol, head.whole) == (names, protocol, True)


def test_names_after_opcodes_that_cannot_be_followed_are_told_too(written):
    head = read_pickle(written(b"\x80\x04\x8c\x02os\x8c\x06system\x93\xff\x8c\x02io\x8c\x04open\x93"))

    assert (head.names, head.whole) == (("io.open", "os.system"), False)


@pytest.mark.parametrize("raw", [b"\x80\x04\x8c\xff", b"\x80\x04\x8d" + b"\xff" * 8, b"\x80\x04T" + b"\xff" * 4])
def test_a_text_longer_than_the_file_ends_in_words(written, raw):
    with pytest.raises(UnreadableError, match="no pickle"):
        read_pickle(written(raw))


DIGEST = "a" * 64


@pytest.mark.parametrize(("line", "name", "version"), [
    (f"numpy==1.26.4 --hash=sha256:{DIGEST}", "numpy", "1.26.4"),
    (f"a.b_c-d[x,y] == 2.0 ; python_version > '3' --hash=sha256:{DIGEST}  # why", "a.b_c-d", "2.0"),
    (f"numpy==1.26.4 \\\n    --hash=sha256:{DIGEST} \\\n    --hash=sha256:{'b' * 64}", "numpy", "1.26.4"),
    (f"numpy==1.26.4 \\\r\n    --hash=sha256:{DIGEST}", "numpy", "1.26.4"),
])  # fmt: skip
def test_a_pinned_requirement_is_read(line, name, version):
    (one,) = read_requirements(f"# made by a tool\n\n{line}\n")

    assert (one.name, one.version) == (name, version)
    assert DIGEST in one.digests


@pytest.mark.parametrize("line", [
    "numpy", "numpy==1.0", f"numpy>=1.0 --hash=sha256:{DIGEST}", f"numpy==1.0 --hash=md5:{DIGEST}",
    f"numpy==1.0 --hash=sha256:{DIGEST[:-1]}", f"numpy==1.0 --hash=sha256:{DIGEST} --hash=sha512:{DIGEST}",
    f"-e . --hash=sha256:{DIGEST}", f"--index-url x --hash=sha256:{DIGEST}", f"numpy==1.0 --hash=sha256:{DIGEST}0",
    f"git+x://y==1 --hash=sha256:{DIGEST}",
])  # fmt: skip
def test_a_requirement_that_is_not_pinned_is_named(line):
    with pytest.raises(UnreadableError, match="is not NAME==VERSION"):
        read_requirements(f"numpy==1.0 --hash=sha256:{DIGEST}\n{line}\n")


def test_no_requirements_are_none():
    assert read_requirements("# nothing\n\n   \n") == ()


def test_a_long_line_is_cut_where_it_is_named():
    with pytest.raises(UnreadableError) as caught:
        read_requirements("x" * 5_000)
    assert len(str(caught.value)) < 150
