import json
import socket
import struct
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.blocks import Column
from reliability.worker import wire
from reliability.worker.wire import WireError


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def soon() -> float:
    return time.monotonic() + 0.2


def frame(header: bytes, body: bytes = b"", magic: bytes = wire.MAGIC) -> bytes:
    return struct.pack("<4sIQ", magic, len(header), len(body)) + header + body


def test_frame_arrives_whole_when_sent(pair):
    wire.send(pair[0], {"op": "말", "rows": 3}, b"abc")

    assert wire.receive(pair[1], max_body=3, deadline=soon()) == ({"op": "말", "rows": 3}, b"abc")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (frame(b"{}", magic=b"RWK2"), "magic"),
        (struct.pack("<4sIQ", wire.MAGIC, wire.MAX_HEADER + 1, 0), "header_too_long"),
        (struct.pack("<4sIQ", wire.MAGIC, 2, 9), "body_too_long"),
        (struct.pack("<4sIQ", wire.MAGIC, 2, 1 << 63), "body_too_long"),
        (frame(b"{"), "not_json"),
        (frame(b"\xff\xff"), "not_json"),
        (frame(b'{"a": NaN}'), "not_json"),
        (frame(b'{"a": ' + b"9" * 5000 + b"}"), "not_json"),
        (frame(b"[" * 60_000), "not_json"),
        (frame(b"[]"), "header_not_an_object"),
    ],
)
def test_receive_refuses_what_is_no_frame(pair, raw, code):
    pair[0].sendall(raw)

    with pytest.raises(WireError, match=f"^{code}$"):
        wire.receive(pair[1], max_body=8, deadline=soon())


@pytest.mark.parametrize("length", [0, 3, 15, 17, 19])
def test_receive_tells_the_end_when_the_other_side_leaves(pair, length):
    pair[0].sendall(frame(b"{}", b"abc")[:length])
    pair[0].close()

    with pytest.raises(EOFError):
        wire.receive(pair[1], max_body=3, deadline=soon())


def test_receive_keeps_one_deadline_when_bytes_drip(pair):
    stop = threading.Event()

    def drip():
        pair[0].sendall(struct.pack("<4sIQ", wire.MAGIC, 1000, 0))
        while not stop.wait(0.02):
            pair[0].sendall(b" ")

    thread = threading.Thread(target=drip)
    thread.start()
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        wire.receive(pair[1], max_body=0, deadline=soon())
    stop.set()
    thread.join()

    assert time.monotonic() - started < 2


def test_send_refuses_a_header_that_is_too_long(pair):
    with pytest.raises(WireError, match="header_too_long"):
        wire.send(pair[0], {"classes": "x" * wire.MAX_HEADER})


@given(raw=st.binary(max_size=80))
@settings(max_examples=150, deadline=None, database=None)
def test_receive_ends_in_a_frame_or_a_refusal_when_bytes_are_random(raw):
    ours, theirs = socket.socketpair()
    with theirs:
        with ours:
            ours.sendall((wire.MAGIC if len(raw) % 2 else b"") + raw)
        try:
            header, body = wire.receive(theirs, max_body=64)
        except (WireError, EOFError):
            return
    assert isinstance(header, dict)
    assert len(body) <= 64


def columns_of(rows: int) -> dict[str, Column]:
    gone = np.arange(rows) % 3 == 1
    none = np.zeros(rows, dtype=np.bool_)
    codes = np.where(gone, 0, np.arange(rows) % 2 + 1).astype(np.int32)
    return {
        "수": Column(kind="f8", values=np.arange(rows) / 7, missing=gone),
        "n": Column(kind="i8", values=np.arange(rows) - (1 << 60), missing=none),
        "b": Column(kind="bool", values=np.arange(rows) % 2 == 0, missing=none),
        "글": Column(kind="utf8", values=codes, missing=gone, levels=("unused", "가", "", "secret of another row")),
    }


@pytest.mark.parametrize("rows", [0, 1, 2, 100])
def test_columns_come_back_alike_when_packed(rows):
    columns = columns_of(rows)
    described, body = wire.pack(columns)

    unpacked = wire.unpack(body, described=described, rows=rows)

    assert list(unpacked) == list(columns)
    for name, column in columns.items():
        back = unpacked[name]
        assert Column(kind=back.kind, values=back.values, missing=back.missing, levels=back.levels).as_labels() == (
            column.as_labels()
        )


def test_pack_leaves_texts_of_other_rows_at_home():
    _, body = wire.pack(columns_of(100))

    assert b"secret" not in body
    assert b"unused" not in body


def test_pack_carries_many_columns_when_a_header_could_not():
    column = columns_of(2)["n"]
    described, body = wire.pack({f"column {number}": column for number in range(3000)})

    assert described > wire.MAX_HEADER
    assert len(wire.unpack(body, described=described, rows=2)) == 3000


def edited(change) -> tuple[int, bytearray]:
    described, body = wire.pack(columns_of(4))
    columns = json.loads(body[:described])
    change(columns)
    text = json.dumps(columns).encode()
    return len(text), bytearray(text) + body[described:]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda columns: columns[0].update(offsets=[0, 1 << 40]), "offsets"),
        (lambda columns: columns[0].update(offsets=[-8, 24]), "offsets"),
        (lambda columns: columns[0].update(offsets=[True, 32]), "offsets"),
        (lambda columns: columns[0].update(offsets=[0, 24]), "length"),
        (lambda columns: columns[0].update(kind="O"), "kind"),
        (lambda columns: columns[0].update(name=1), "description"),
        (lambda columns: columns[0].update(mask=[0, 3]), "length"),
        (lambda columns: columns[3].update(levels=None), "offsets"),
        (lambda columns: columns[3].update(levels=columns[0]["offsets"]), "levels"),
        (lambda columns: columns[3].update(texts=[0, 8]), "levels"),
        (lambda columns: columns[3].update(offsets=[8, 24]), "code_outside_levels"),
        (lambda columns: columns.append(7), "description"),
    ],
)
def test_unpack_refuses_descriptions_that_do_not_fit(change, code):
    described, body = edited(change)

    with pytest.raises(WireError, match=f"^{code}$"):
        wire.unpack(body, described=described, rows=4)


def test_unpack_refuses_a_body_without_room_for_descriptions():
    with pytest.raises(WireError, match="descriptions_outside_body"):
        wire.unpack(bytearray(4), described=5, rows=1)


def test_unpack_refuses_descriptions_that_are_no_list():
    with pytest.raises(WireError, match="descriptions_not_a_list"):
        wire.unpack(bytearray(b"{}"), described=2, rows=1)


@given(position=st.integers(0, 10_000), byte=st.integers(0, 255))
@settings(max_examples=150, deadline=None, database=None)
def test_unpack_ends_in_columns_or_a_refusal_when_a_byte_changes(position, byte):
    described, body = wire.pack(columns_of(5))
    body[position % len(body)] = byte

    try:
        columns = wire.unpack(body, described=described, rows=5)
    except WireError:
        return
    assert all(len(column.values) == 5 for column in columns.values())


def test_numbers_are_little_endian_whatever_the_array():
    assert wire.numbers(np.array([1], dtype=">i4"), "<i8") == b"\x01" + bytes(7)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ["", "\0", "👩‍👩‍👧", "\u202e", "é" * 300]
)
NUMBERS = {
    "f8": st.floats(allow_nan=True, allow_infinity=True),
    "i8": st.integers(-(1 << 63), (1 << 63) - 1),
    "bool": st.booleans(),
}
TYPES = {"f8": np.float64, "i8": np.int64, "bool": np.bool_, "utf8": np.int32}


@st.composite
def tables(draw) -> tuple[int, dict[str, Column]]:
    rows = draw(st.integers(0, 6))
    columns = {}
    for name in draw(st.lists(TEXT, max_size=4, unique=True)):
        kind = draw(st.sampled_from(sorted(TYPES)))
        levels = tuple(draw(st.lists(TEXT, min_size=1, max_size=4, unique=True))) if kind == "utf8" else ()
        one = st.integers(0, len(levels) - 1) if kind == "utf8" else NUMBERS[kind]
        values = np.array(draw(st.lists(one, min_size=rows, max_size=rows)), dtype=TYPES[kind])
        missing = np.array(draw(st.lists(st.booleans(), min_size=rows, max_size=rows)), dtype=np.bool_)
        columns[name] = Column(kind=kind, values=values, missing=missing, levels=levels)
    return rows, columns


def bits(column) -> list[object]:
    """Values of the rows to the last bit, None where missing, text as text."""
    if column.kind == "utf8":
        return [None if gone else column.levels[c] for c, gone in zip(column.values, column.missing, strict=True)]
    raw = [value.tobytes() for value in np.asarray(column.values)]
    return [None if gone else value for value, gone in zip(raw, column.missing, strict=True)]


@given(tables())
@settings(max_examples=120, deadline=None, database=None)
def test_any_table_comes_back_to_the_last_bit_when_packed(table):
    rows, columns = table
    described, body = wire.pack(columns)

    unpacked = wire.unpack(bytearray(body), described=described, rows=rows)

    assert list(unpacked) == list(columns)
    assert {name: bits(column) for name, column in unpacked.items()} == {n: bits(c) for n, c in columns.items()}


@given(tables(), st.data())
@settings(max_examples=60, deadline=None, database=None)
def test_cut_body_is_refused_or_loses_nothing_but_padding(table, data):
    rows, columns = table
    described, body = wire.pack(columns)
    cut = bytearray(body[: data.draw(st.integers(0, len(body)))])

    try:
        unpacked = wire.unpack(cut, described=described, rows=rows)
    except WireError:
        return
    assert {name: bits(column) for name, column in unpacked.items()} == {n: bits(c) for n, c in columns.items()}


@pytest.mark.parametrize("rows", [0, 1, 5])
@pytest.mark.parametrize("kind", sorted(TYPES))
def test_column_comes_back_when_every_value_is_missing(kind, rows):
    column = Column(kind=kind, values=np.zeros(rows, dtype=TYPES[kind]), missing=np.ones(rows, dtype=np.bool_))
    described, body = wire.pack({"x": column})

    back = wire.unpack(body, described=described, rows=rows)["x"]

    assert back.missing.tolist() == [True] * rows
    assert back.levels == ()


@pytest.mark.parametrize("rows", [0, 1])
def test_two_thousand_columns_come_back_in_order(rows):
    one = {kind: np.zeros(rows, dtype=TYPES[kind]) for kind in TYPES}
    kinds = sorted(TYPES)
    columns = {
        f"열 {n}": Column(
            kind=kinds[n % 4], values=one[kinds[n % 4]], missing=np.zeros(rows, dtype=np.bool_), levels=("가",)
        )
        for n in range(2000)
    }
    described, body = wire.pack(columns)

    unpacked = wire.unpack(body, described=described, rows=rows)

    assert list(unpacked) == list(columns)
    assert {len(column.values) for column in unpacked.values()} == {rows}


def test_no_columns_are_no_body():
    described, body = wire.pack({})

    assert wire.unpack(body, described=described, rows=7) == {}


def test_every_buffer_lies_at_a_multiple_of_eight():
    described, body = wire.pack(columns_of(5))

    places = [
        one[key]
        for one in json.loads(body[:described])
        for key in ("offsets", "mask", "levels", "texts")
        if one.get(key)
    ]
    assert described % 8 == 0
    assert {start % 8 for start, _ in places} == {0}


@pytest.mark.parametrize("rows", [3, 5])
def test_unpack_refuses_another_number_of_rows(rows):
    described, body = wire.pack(columns_of(4))

    with pytest.raises(WireError, match="length"):
        wire.unpack(body, described=described, rows=rows)


def test_unpack_refuses_text_that_is_no_utf8():
    described, body = wire.pack({"x": columns_of(4)["글"]})
    at = body.rindex("가".encode())
    body[at] = 0xFF

    with pytest.raises(WireError, match="text"):
        wire.unpack(body, described=described, rows=4)


@pytest.mark.parametrize(
    "header", [{}, {"a": None}, {"a": [1, "2", {"b": 0.1}]}, {"": '\0\n"\\'}, {"a": "\ud800 half"}]
)
def test_header_comes_back_alike_when_sent(pair, header):
    wire.send(pair[0], header)

    assert wire.receive(pair[1], max_body=0, deadline=soon()) == (header, b"")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_send_refuses_a_number_that_json_has_not(pair, value):
    with pytest.raises(ValueError, match="JSON"):
        wire.send(pair[0], {"a": value})


def test_header_of_the_longest_length_is_still_read(pair):
    header = {"a": "x" * (wire.MAX_HEADER - len('{"a": ""}'))}
    wire.send(pair[0], header)

    assert wire.receive(pair[1], max_body=0, deadline=soon())[0] == header


def test_frames_are_read_one_by_one_when_they_come_together(pair):
    pair[0].sendall(frame(b'{"n": 1}', b"one") + frame(b'{"n": 2}', b"three"))

    assert wire.receive(pair[1], max_body=5, deadline=soon()) == ({"n": 1}, b"one")
    assert wire.receive(pair[1], max_body=5, deadline=soon()) == ({"n": 2}, b"three")


def test_receive_refuses_at_once_when_its_deadline_has_passed(pair):
    pair[0].sendall(frame(b"{}"))

    with pytest.raises(TimeoutError):
        wire.receive(pair[1], max_body=0, deadline=time.monotonic() - 1)
