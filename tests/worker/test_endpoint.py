"""An endpoint that behaves, and every way in which one may not: asked by the child's own code, in this process.

`tests/hostile/test_endpoint.py` asks the worst of them by a confined child and by the command line.
"""

import json
import socket
import time

import numpy as np
import pytest

from reliability.blocks import Column
from reliability.errors import SubmissionError, WorkerError
from reliability.submission.manifest import ModelPart
from reliability.worker import child, endpoint_model, wire
from reliability.worker.endpoint import Endpoint, EndpointModel
from reliability.worker.parent import Limits, ModelSpec
from tests.worker.endpoint_server import (
    JSON,
    Server,
    answering,
    authority,
    closing,
    dripping,
    issued,
    kserve_labels,
    mlflow_labels,
    mlflow_rows,
    pem,
    raw,
    reply,
    server_context,
    silent,
    streaming,
    tensor,
)

X = Column(kind="f8", values=np.arange(5.0), missing=np.zeros(5, dtype=np.bool_))
ROWS = {"x": X}
LABELS = [0, 0, 0, 1, 1]
WELL = answering(mlflow_labels)
TOKEN = "s3cr3t-0f-the-c0mpany"
BUSY = reply({}, status="429 Too Many", Retry_After="0")
BROKEN = reply({}, status="500 Oh", kind="text/html")
ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class Here:
    """The child's own code in this process: what confines it is tested elsewhere."""

    def __init__(self):
        self.served = child.Served()
        self.served.adapter, self.served.format = endpoint_model, "endpoint"

    def ask(self, header, body=b"", *, expected, timeout_s):
        answered, numbers = child._answer(self.served, header, bytearray(body))
        if len(numbers) != (0 if "error" in answered else expected):
            raise wire.WireError("length")
        return json.loads(json.dumps(answered)), bytearray(numbers)

    def close(self):
        if self.served.model is not None:
            self.served.model._line.close()


@pytest.fixture
def serving():
    """Start a server that behaves as told."""
    started = []

    def start(*behaviours, **given):
        started.append(Server(*behaviours, **given))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def opened(tmp_path):
    """An endpoint as a model, its child in this process."""
    models = []

    def open_(url, *, spec=None, limits=None, backoff_s=0.01, private=True, **keys):
        given = {"protocol": "mlflow", "classes": ["no", "yes"], "timeout": 0.5, "retries": 2, **keys}
        part = ModelPart.model_validate({"format": "endpoint", "url": url, **given})
        asked = {"inputs": ("x",), "classes": ("no", "yes"), "task": "binary", "positive": 1} | (spec or {})
        if asked["task"] != "regression":
            asked["declared"] = {"classes": list(part.classes)}
        endpoint = Endpoint(part, tmp_path, private=private, backoff_s=backoff_s)
        ours, theirs = socket.socketpair()
        model = EndpointModel(
            ModelSpec(format="endpoint", path=tmp_path / "submission.yaml", sha256="", **asked),
            limits or Limits(timeout_s=20), None, Here(), endpoint=endpoint, line=ours, number=theirs.detach(),
        )  # fmt: skip
        models.append(model)
        model._ended_by_failure(model._load)
        return model

    yield open_
    for model in models:
        model.close()


def failed(action):
    with pytest.raises(WorkerError) as caught:
        action()
    return caught.value


def told(model):
    return model.isolation["endpoint"]


# An endpoint that behaves.


def test_mlflow_is_sent_the_rows_split_and_its_labels_are_read(serving, opened):
    server = serving(WELL)

    read = opened(server.url()).answer(ROWS)

    (asked,) = server.asked
    assert read.labels.tolist() == LABELS
    assert read.scores is None
    assert asked.line == "POST /invocations HTTP/1.1"
    assert asked.body == {"dataframe_split": {"columns": ["x"], "data": [[0.0], [1.0], [2.0], [3.0], [4.0]]}}
    assert (asked.headers["content-type"], asked.headers["accept-encoding"]) == (JSON, "identity")
    assert asked.headers["host"] == f"127.0.0.1:{server.port}"
    assert "authorization" not in asked.headers


def test_kserve_is_sent_a_tensor_for_each_column_and_its_labels_are_read(serving, opened):
    server = serving(answering(kserve_labels))
    home = Column(kind="utf8", values=np.array([0, 1, 0, 0, 1]), missing=X.missing, levels=("own", "임대"))

    model = opened(server.url("/v2/models/m/infer"), protocol="kserve_v2", spec={"inputs": ("x", "home")})

    assert model.answer({**ROWS, "home": home}).labels.tolist() == LABELS
    assert server.asked[0].body == {
        "parameters": {"content_type": "pd"},
        "inputs": [
            {"name": "x", "shape": [5], "datatype": "FP64", "data": [0.0, 1.0, 2.0, 3.0, 4.0]},
            {"name": "home", "shape": [5], "datatype": "BYTES", "data": ["own", "임대", "own", "own", "임대"],
             "parameters": {"content_type": "str"}},
        ],
    }  # fmt: skip


def test_kserve_is_sent_one_tensor_of_numbers_when_one_is_declared(serving, opened):
    server = serving(reply({"outputs": [tensor("p", [0.25, 0.75] * 5, [5, 2])]}))
    more = Column(kind="i8", values=np.arange(5), missing=np.array([False, True, False, False, False]))

    model = opened(
        server.url(), protocol="kserve_v2", tensor="input-0", outputs={"scores": "p"}, spec={"inputs": ("x", "n")}
    )

    assert model.answer({**ROWS, "n": more}).scores.tolist() == [0.75] * 5
    (sent,) = server.asked[0].body["inputs"]
    assert sent == {
        "name": "input-0", "shape": [5, 2], "datatype": "FP64",
        "data": [0.0, 0.0, 1.0, None, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0],
    }  # fmt: skip


def test_missing_values_of_every_kind_are_null_and_numbers_keep_every_bit(serving, opened):
    gone = np.array([False, True])
    awkward = 0.1 + 0.2
    columns = {
        "f": Column(kind="f8", values=np.array([awkward, 0.0]), missing=gone),
        "i": Column(kind="i8", values=np.array([2**62 + 1, 0]), missing=gone),
        "b": Column(kind="bool", values=np.array([True, False]), missing=gone),
        "t": Column(kind="utf8", values=np.array([0, 0]), missing=gone, levels=("가나다 \"'",)),
    }
    server = serving(reply({"predictions": ["no", "no"]}))

    opened(server.url(), spec={"inputs": tuple(columns)}).answer(columns)

    assert server.asked[0].body["dataframe_split"] == {
        "columns": ["f", "i", "b", "t"],
        "data": [[awkward, 2**62 + 1, True, "가나다 \"'"], [None, None, None, None]],
    }


def test_nothing_but_the_models_inputs_is_sent(serving, opened):
    server = serving(WELL)

    opened(server.url()).answer({"label": X, **ROWS, "sex": X})

    assert server.asked[0].body["dataframe_split"]["columns"] == ["x"]


def test_rows_go_in_batches_and_come_back_in_order(serving, opened):
    server = serving(answering(lambda asked: {"predictions": [{"p": x / 10} for [x] in split(asked)]}))
    many = {"x": Column(kind="f8", values=np.arange(10.0), missing=np.zeros(10, dtype=np.bool_))}

    model = opened(server.url(), batch=4, outputs={"scores": {"yes": "p"}})

    assert model.answer(many).scores.tolist() == [x / 10 for x in range(10)]
    assert [len(split(asked)) for asked in server.asked] == [4, 4, 2]
    assert told(model) == {
        "url": server.url(), "protocol": "mlflow", "address": "127.0.0.1", "requests": 3, "retries": 0,
        "run_by": "applicant",
    }  # fmt: skip


def split(asked):
    return asked.body["dataframe_split"]["data"]


@pytest.mark.parametrize(
    ("outputs", "answer", "labels", "scores"),
    [
        ({}, {"predictions": ["yes", "no"]}, [1, 0], None),
        ({}, ["yes", "no"], [1, 0], None),
        ({"scores": "predictions"}, {"predictions": [[0.25, 0.75], [0.75, 0.25]]}, [1, 0], [0.75, 0.25]),
        ({"scores": {"yes": "predictions"}}, {"predictions": [0.75, 0.25]}, [1, 0], [0.75, 0.25]),
        ({"scores": {"no": "q"}}, {"predictions": [{"q": 0.25}, {"q": 0.75}]}, [1, 0], [0.75, 0.25]),
        ({"label": "l"}, {"predictions": [{"l": "yes", "x": 3}, {"l": "no", "x": 3}]}, [1, 0], None),
        ({"label": "l", "scores": "p"}, {"predictions": [{"l": "no", "p": [0.1, 0.9]}] * 2}, [0, 0], [0.9, 0.9]),
        ({"label": "l", "scores": {"yes": "y", "no": "n"}},
         {"predictions": {"l": ["no", "yes"], "y": [0, 1], "n": [1, 0]}}, [0, 1], [0.0, 1.0]),
    ],
)  # fmt: skip
def test_mlflow_answers_are_read_as_the_manifest_says(serving, opened, outputs, answer, labels, scores):
    two = {"x": X.take(np.array([0, 1]))}

    read = opened(serving(reply(answer)).url(), outputs=outputs).answer(two)

    assert read.labels.tolist() == labels
    assert (None if read.scores is None else read.scores.tolist()) == scores


@pytest.mark.parametrize(
    ("outputs", "tensors", "labels", "scores"),
    [
        ({}, [tensor("any", ["yes", "no"], datatype="BYTES")], [1, 0], None),
        ({}, [tensor("any", [["yes"], ["no"]], [2, 1], "BYTES")], [1, 0], None),
        ({"scores": "p"}, [tensor("p", [[0.5, 0.5], [0.0, 1.0]], [2, 2])], [0, 1], [0.5, 1.0]),
        ({"label": "l", "scores": {"yes": "p"}}, [tensor("p", [0.25, 1.0], [2, 1]), tensor("l", ["no", "no"])],
         [0, 0], [0.25, 1.0]),
    ],
)  # fmt: skip
def test_kserve_answers_are_read_as_the_manifest_says(serving, opened, outputs, tensors, labels, scores):
    two = {"x": X.take(np.array([0, 1]))}

    read = opened(serving(reply({"outputs": tensors})).url(), protocol="kserve_v2", outputs=outputs).answer(two)

    assert read.labels.tolist() == labels
    assert (None if read.scores is None else read.scores.tolist()) == scores


def test_score_columns_follow_the_declared_classes(serving, opened):
    server = serving(reply({"predictions": [[0.5, 0.25, 0.25]] * 5}))
    many = {"task": "multiclass", "classes": ("b", "c", "a"), "positive": None}

    model = opened(server.url(), classes=["a", "b", "c"], outputs={"scores": "predictions"}, spec=many)

    read = model.answer(ROWS)
    assert read.scores.tolist() == [[0.25, 0.25, 0.5]] * 5
    assert read.labels.tolist() == [2] * 5


def test_regression_answers_values(serving, opened):
    server = serving(answering(lambda asked: {"predictions": [[2 * x] for x in mlflow_rows(asked)]}))

    model = opened(server.url(), classes=None, spec={"task": "regression", "classes": (), "positive": None})

    assert model.answer(ROWS).labels.tolist() == [0.0, 2.0, 4.0, 6.0, 8.0]


@pytest.mark.parametrize("label", [1, 1.0, "1", True, "true", " 1.0 "])
def test_labels_are_matched_by_their_meaning(serving, opened, label):
    server = serving(reply({"predictions": [label] * 5}))

    assert opened(server.url(), classes=[0, 1], spec={"classes": (0, 1)}).answer(ROWS).labels.tolist() == [1] * 5


def test_no_rows_are_answered_without_asking(serving, opened):
    server = serving(WELL)

    assert opened(server.url()).answer({"x": X.take(np.array([], dtype=np.int64))}).n == 0
    assert server.connections == 0


# One that can be waited for.


@pytest.mark.parametrize(
    "first",
    [
        BUSY,
        BROKEN,
        reply({}, status="503 Busy"),
        reply({}, status="408 Slow"),
        closing,
        silent,
        raw(b"HTTP/1."),
        raw(b"SSH-2.0-x\r\n"),
        reply(b'{"predictions": ["n', length=500),
        raw(ENDLESS + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{\"pre\r\n"),
        dripping(ENDLESS + b"Content-Length: 500\r\n\r\n"),
    ],
    ids="429 500 503 408 closes never half-head no-http mid-body mid-chunk drips".split(),
)  # fmt: skip
def test_a_batch_is_asked_again_when_the_first_answer_does_not_come(serving, opened, first):
    server = serving(first, WELL)
    model = opened(server.url())

    assert model.answer(ROWS).labels.tolist() == LABELS
    assert (told(model)["requests"], told(model)["retries"], len(server.asked)) == (2, 1, 2)
    assert server.asked[0].body == server.asked[1].body


def test_the_endpoint_says_how_long_to_wait(serving, opened):
    moment = "Sat, 28 Nov 2026 10:00:0{} GMT"
    by_date = reply({}, status="503 Busy", Date=moment.format(1), Retry_After=moment.format(2))
    server = serving(reply({}, status="429 Busy", Retry_After="1"), by_date, WELL)
    started = time.monotonic()

    opened(server.url()).answer(ROWS)

    assert 2.0 <= time.monotonic() - started < 4


def test_tries_end_when_the_time_of_the_batch_would_not_last(serving, opened):
    server = serving(reply({}, status="429 Busy", Retry_After="3600"))

    error = failed(lambda: opened(server.url()).answer(ROWS))

    assert (error.code, error.values) == ("model_endpoint_status", {"status": "429", "tries": "1"})


def test_requests_keep_the_pace_that_was_declared(serving, opened):
    server = serving(WELL)
    started = time.monotonic()

    opened(server.url(), batch=1, rate=20).answer(ROWS)

    assert time.monotonic() - started >= 4 / 20
    assert len(server.asked) == 5


# One that misbehaves: contained, and said in its own words.

LOST = "model_endpoint_lost"
STATUS = "model_endpoint_status"
BAD = "model_bad_output"


@pytest.mark.parametrize(
    ("behaviour", "code", "values", "tries"),
    [
        (BROKEN, STATUS, {"status": "500", "tries": "3"}, 3),
        (reply({}, status="401 No"), STATUS, {"status": "401", "tries": "1"}, 1),
        (reply({}, status="404 No"), STATUS, {"status": "404", "tries": "1"}, 1),
        (reply({}, status="204 Empty"), STATUS, {"status": "204", "tries": "1"}, 1),
        (closing, LOST, {"what": "closed", "tries": "3"}, 3),
        (silent, LOST, {"what": "timeout", "tries": "3"}, 3),
        (dripping(), LOST, {"what": "timeout", "tries": "3"}, 3),
        (dripping(b"HTTP/1.1 200 OK\r\nX: "), LOST, {"what": "timeout", "tries": "3"}, 3),
        (dripping(ENDLESS + b"\r\n"), LOST, {"what": "timeout", "tries": "3"}, 3),
        (streaming(b"HTTP/1.1 100 Go on\r\n\r\n" * 99, head=b""), LOST, {"what": "timeout", "tries": "3"}, 3),
        (raw(b"\x00" * 99), LOST, {"what": "not_http", "tries": "3"}, 3),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 999), LOST, {"what": "not_http", "tries": "3"}, 3),
        (raw(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 99_999), LOST, {"what": "not_http", "tries": "3"}, 3),
        (reply(b'{"predictions": [', length=18), LOST, {"what": "short", "tries": "3"}, 3),
        (reply({"predictions": ["no"] * 5}, length=20), BAD, {"what": "not_json"}, 1),
        (reply(b"", length=10_000_000_000), BAD, {"what": "too_large"}, 1),
        (reply(b"<html>", kind="text/html"), BAD, {"what": "content_type", "found": "text/html"}, 1),
        (reply(b"[]", kind=""), BAD, {"what": "content_type"}, 1),
        (reply(b"\x1f\x8b", Content_Encoding="gzip"), BAD, {"what": "content_encoding"}, 1),
        (reply(b"[" * 90_000), BAD, {"what": "not_json"}, 1),
        (reply(b"\xff\xfe"), BAD, {"what": "not_json"}, 1),
        (reply(b'{"predictions": [1' + b"0" * 9_000 + b"]}"), BAD, {"what": "not_json"}, 1),
        (reply(b'{"predictions": [NaN, NaN, NaN, NaN, NaN]}'), BAD, {"what": "not_finite"}, 1),
        (reply({}), BAD, {"what": "shape"}, 1),
        (reply(3), BAD, {"what": "shape"}, 1),
        (reply({"predictions": "no" * 5}), BAD, {"what": "shape"}, 1),
        (reply({"predictions": [None] * 5}), BAD, {"what": "shape"}, 1),
        (reply({"predictions": [["no", "yes"]] * 5}), BAD, {"what": "shape"}, 1),
        (reply({"predictions": [{"a": 1}, {"b": 1}] * 2 + [{"a": 1}]}), BAD, {"what": "shape"}, 1),
        (reply({"predictions": ["no"] * 4}), BAD, {"what": "row_count"}, 1),
        (reply({"predictions": ["no"] * 6}), BAD, {"what": "row_count"}, 1),
        (reply({"predictions": ["no"] * 4 + ["perhaps"]}), BAD,
         {"what": "label_outside_declared", "found": "'perhaps'"}, 1),
        (reply({"predictions": [{"a": "no", "b": 1}] * 5}), BAD, {"what": "fields"}, 1),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_used_is_refused_by_name(serving, opened, behaviour, code, values, tries):
    server = serving(behaviour)
    model = opened(server.url(), timeout=0.25)

    error = failed(lambda: model.answer(ROWS))

    assert error.code == code
    assert values.items() <= error.values.items()
    assert server.connections == told(model)["requests"] == tries
    assert failed(lambda: model.answer(ROWS)) is error


SCORES = {"outputs": {"scores": "predictions"}}


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ([[0.5, 0.6]] * 5, "sum_not_1"),
        ([[-0.5, 1.5]] * 5, "outside_0_1"),
        ([[0.5, 0.5]] * 4 + [[0.5]], "score_shape"),
        ([0.5] * 5, "score_shape"),
        ([["a", "b"]] * 5, "not_numbers"),
        ([[True, False]] * 5, "not_numbers"),
        ([[10**400, 0]] * 5, "not_finite"),
        ([[0.5, 0.5]] * 3, "row_count"),
    ],
)
def test_scores_that_are_no_probabilities_are_refused(serving, opened, answer, what):
    model = opened(serving(reply({"predictions": answer})).url(), **SCORES)

    error = failed(lambda: model.answer(ROWS))

    assert (error.code, error.values["what"]) == (BAD, what)


@pytest.mark.parametrize(
    ("outputs", "what"),
    [
        (None, "shape"),
        ([], "shape"),
        ([3], "shape"),
        ([{"name": "a"}], "shape"),
        ([tensor("a", [1] * 5, [5, -1])], "shape"),
        ([tensor("a", [1] * 5, [5, 1, 1])], "shape"),
        ([tensor("a", [1] * 5, [6])], "shape"),
        ([tensor("a", [1] * 5, [2**62, 2**62])], "shape"),
        ([tensor("a", ["no"] * 5), tensor("a", ["no"] * 5)], "shape"),
        ([tensor("a", ["no"] * 5), tensor("b", ["no"] * 5)], "fields"),
        ([tensor("a", ["no"] * 4)], "row_count"),
    ],
)
def test_tensors_that_are_none_are_refused(serving, opened, outputs, what):
    model = opened(serving(reply({"outputs": outputs})).url(), protocol="kserve_v2")

    assert failed(lambda: model.answer(ROWS)).values["what"] == what


def test_ten_gigabytes_are_not_taken(serving, opened):
    endless = streaming(b"[" * 65_536, head=ENDLESS + b"\r\n")
    server = serving(endless)

    error = failed(lambda: opened(server.url(), timeout=10).answer(ROWS))

    assert (error.code, error.values["what"]) == (BAD, "too_large")
    assert endless.sent < 64 << 20


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"])
def test_no_redirect_is_followed(serving, opened, status):
    elsewhere = serving(WELL)
    server = serving(reply({}, status=status, Location=elsewhere.url()))

    error = failed(lambda: opened(server.url()).answer(ROWS))

    assert (error.code, error.values["status"]) == (STATUS, status[:3])
    assert (server.connections, elsewhere.connections) == (1, 0)


def test_nobody_at_the_port_is_said_after_every_try(serving, opened):
    server = serving(WELL)
    url = server.url()
    server.close()
    model = opened(url)

    error = failed(lambda: model.answer(ROWS))

    assert (error.code, error.values["why"]) == ("model_endpoint_unreachable", "connection")
    assert told(model)["requests"] == 3


def test_rows_that_the_endpoint_refuses_leave_it_alive(serving, opened):
    no = reply({"error_code": "BAD_REQUEST", "message": "x may not\nbe negative"}, status="400 Bad")
    server = serving(no, reply({"error": "unknown"}, status="422 No"), reply(b"<html>", status="400 Bad"), WELL)
    model = opened(server.url())

    said = [failed(lambda: model.attempt(ROWS)) for _ in range(3)]

    assert [error.code for error in said] == ["model_raised"] * 3
    assert [error.values["type"] for error in said] == ["HTTP 400", "HTTP 422", "HTTP 400"]
    assert [error.values["message"] for error in said] == ["x may not be negative", "unknown", ""]
    assert model.attempt(ROWS).labels.tolist() == LABELS
    assert told(model)["retries"] == 0


def test_infinite_numbers_are_refused_before_they_are_sent(serving, opened):
    server = serving(WELL)
    model = opened(server.url())
    endless = {"x": Column(kind="f8", values=np.full(5, np.inf), missing=X.missing)}

    assert failed(lambda: model.answer(endless)).values["what"] == "infinite"
    assert server.asked == []


def test_text_in_a_tensor_of_numbers_is_refused(serving, opened):
    text = {"x": Column(kind="utf8", values=np.zeros(5, dtype=np.int32), missing=X.missing, levels=("a",))}
    model = opened(serving(WELL).url(), protocol="kserve_v2", tensor="t")

    assert failed(lambda: model.answer(text)).values["what"] == "text"


def test_a_connection_that_a_failed_batch_left_behind_is_not_used(serving, opened):
    server = serving(WELL)
    model = opened(server.url())
    stale = serving(reply({"predictions": ["yes"] * 5}))
    with socket.create_connection(("127.0.0.1", stale.port)) as left:
        socket.send_fds(model._line, [b"\x01"], [left.fileno()])

    assert model.answer(ROWS).labels.tolist() == LABELS
    assert stale.asked == []


def test_a_threshold_needs_scores_that_are_declared(serving, opened):
    with pytest.raises(WorkerError) as caught:
        opened(serving(WELL).url(), spec={"threshold": 0.5})
    assert caught.value.values["what"] == "no_probabilities"


# The token: sent, and nowhere else.


@pytest.mark.parametrize(
    ("keys", "header", "value"),
    [
        ({"token_file": "token.txt"}, "authorization", f"Bearer {TOKEN}"),
        ({"token_env": "RELIABILITY_TOKEN"}, "authorization", f"Bearer {TOKEN}"),
        ({"token_file": "token.txt", "token_header": "X-Api-Key"}, "x-api-key", TOKEN),
    ],
)
def test_token_is_sent_and_stands_in_no_record(serving, opened, tmp_path, monkeypatch, keys, header, value):
    (tmp_path / "token.txt").write_text(f"{TOKEN}\n")
    monkeypatch.setenv("RELIABILITY_TOKEN", TOKEN)
    server = serving(WELL)

    model = opened(server.url(), **keys)
    model.answer(ROWS)

    assert server.asked[0].headers[header] == value
    assert TOKEN not in json.dumps(model.isolation) + repr(model.spec) + repr(vars(model))


def echoing(asked):
    return {"predictions": [asked.headers["authorization"]] * 5, "message": asked.headers["authorization"]}


@pytest.mark.parametrize(
    "behaviour",
    [
        answering(echoing),
        answering(echoing, status="400 Bad"),
        answering(lambda asked: {"predictions": [{asked.headers["authorization"]: 1, "b": 2}] * 5}),
        answering(lambda asked: {"predictions": [asked.headers["authorization"][-12:]] * 5}),
        lambda asked, sock, leaving: reply(b"[]", kind=f"text/{TOKEN}")(asked, sock, leaving),
        lambda asked, sock, leaving: reply(b"[]", status=f"500 {TOKEN}")(asked, sock, leaving),
        lambda asked, sock, leaving: sock.sendall(f"HTTP/1.1 {TOKEN}\r\n\r\n".encode()),
    ],
    ids="label message fields piece content-type status-line no-http".split(),
)
def test_token_stands_in_no_message_when_the_endpoint_sends_it_back(serving, opened, tmp_path, behaviour):
    (tmp_path / "token.txt").write_text(TOKEN)
    model = opened(serving(behaviour).url(), token_file="token.txt")

    error = failed(lambda: model.answer(ROWS))

    said = f"{error} {error.plain_values()} {model.isolation}"
    assert not any(TOKEN[at : at + 6] in said for at in range(len(TOKEN) - 5))


@pytest.mark.parametrize("content", ["", " \n", "two words", "한글", "line\nbreak", "x" * 9000])
def test_token_that_is_none_is_refused_without_a_word_of_it(opened, tmp_path, content):
    (tmp_path / "token.txt").write_text(content)

    with pytest.raises(SubmissionError) as caught:
        opened("http://127.0.0.1:9/", token_file="token.txt")
    assert caught.value.code == "endpoint_token_missing"
    assert caught.value.values == {"source": "token.txt"}


def test_token_of_a_variable_that_is_not_set_is_refused(opened, monkeypatch):
    monkeypatch.delenv("RELIABILITY_TOKEN", raising=False)

    with pytest.raises(SubmissionError, match="RELIABILITY_TOKEN holds no token"):
        opened("http://127.0.0.1:9/", token_env="RELIABILITY_TOKEN")


def test_token_goes_over_no_public_network_unencrypted(opened, tmp_path):
    (tmp_path / "token.txt").write_text(TOKEN)

    with pytest.raises(SubmissionError) as caught:
        opened("http://8.8.8.8/", token_file="token.txt")
    assert caught.value.code == "endpoint_token_in_clear"


# TLS, in the child, with the host checked.


@pytest.fixture(scope="module")
def ours():
    return authority()


@pytest.fixture
def secure(serving, tmp_path, ours):
    """A server with a certificate for these names, and the authority's certificate beside the submission."""

    def start(*names, by=ours, days=1, behaviour=WELL):
        content, digest = issued(by, *names, days=days)
        (tmp_path / "server.pem").write_bytes(content)
        (tmp_path / "ca.pem").write_bytes(pem(ours[1]))
        return serving(behaviour, context=server_context(tmp_path / "server.pem")), digest

    return start


def test_tls_is_spoken_by_the_child_and_stands_in_the_record(secure, opened):
    server, digest = secure("localhost")

    model = opened(server.url(scheme="https", host="localhost"), ca_file="ca.pem", batch=3, timeout=5)

    assert model.answer(ROWS).labels.tolist() == LABELS
    assert told(model)["tls"] == {"version": "TLSv1.3", "certificate_sha256": [digest]}
    assert server.asked[0].headers["host"] == f"localhost:{server.port}"


def test_a_certificate_may_be_for_an_address(secure, opened):
    server, _ = secure("127.0.0.1")

    model = opened(server.url(scheme="https"), ca_file="ca.pem", timeout=5)

    assert model.answer(ROWS).labels.tolist() == LABELS


@pytest.mark.parametrize("names", [("other.example",), ("127.0.0.2",)])
def test_a_certificate_for_another_host_is_refused_before_anything_is_sent(secure, opened, names):
    server, _ = secure(*names)
    model = opened(server.url(scheme="https", host="localhost"), ca_file="ca.pem", timeout=5)

    error = failed(lambda: model.answer(ROWS))

    assert (error.code, error.values["why"]) == ("model_endpoint_unreachable", "certificate")
    assert (server.asked, server.connections) == ([], 1)


@pytest.mark.parametrize("fault", ["stranger", "expired"])
def test_a_certificate_that_nobody_vouches_for_is_refused(secure, opened, fault):
    server, _ = secure("localhost", **({"by": authority()} if fault == "stranger" else {"days": -1}))
    model = opened(server.url(scheme="https", host="localhost"), ca_file="ca.pem", timeout=5)

    assert failed(lambda: model.answer(ROWS)).values["why"] == "certificate"
    assert server.asked == []


def test_a_server_that_speaks_no_tls_is_told_apart(serving, opened, tmp_path, ours):
    (tmp_path / "ca.pem").write_bytes(pem(ours[1]))
    server = serving(WELL)
    model = opened(server.url(scheme="https", host="localhost"), ca_file="ca.pem", timeout=0.3)

    assert failed(lambda: model.answer(ROWS)).code in {"model_endpoint_unreachable", "model_endpoint_lost"}
    assert server.asked == []


def test_a_file_without_certificates_is_refused(opened, tmp_path):
    (tmp_path / "ca.pem").write_text("no certificate")

    with pytest.raises(SubmissionError) as caught:
        opened("https://127.0.0.1:9/", ca_file="ca.pem")
    assert caught.value.code == "endpoint_no_authorities"
