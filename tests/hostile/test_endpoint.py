"""Endpoints that mean no good, asked by a confined child and by the command line: contained, said, nothing left."""

import json
import socket
import time
from pathlib import Path

import numpy as np
import pyarrow.csv
import pytest

from reliability.blocks import Column
from reliability.case import read_case
from reliability.errors import WorkerError
from reliability.submission.manifest import ModelPart
from reliability.worker.endpoint import Endpoint, open_endpoint
from reliability.worker.parent import Limits, ModelSpec
from tests.small_case import MANIFEST, checklist, table
from tests.worker.endpoint_server import (
    Server,
    answering,
    authority,
    dripping,
    issued,
    mlflow_labels,
    mlflow_rows,
    pem,
    reply,
    server_context,
    streaming,
)

ROWS = {"x": Column(kind="f8", values=np.arange(5.0), missing=np.zeros(5, dtype=np.bool_))}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
TOKEN = "an-0pen-s3same-of-the-c0mpany"
PASSWORD = "h4nd3d-0ver"


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
def opened(confined, tmp_path):
    """Open a confined child that asks the address; it is the caller's to close."""

    def open_(url, *, level=None, **keys):
        given = {"protocol": "mlflow", "classes": ["no", "yes"], "retries": 0, **keys}
        part = ModelPart.model_validate({"format": "endpoint", "url": url, **given})
        spec = ModelSpec(
            format="endpoint", path=tmp_path / "submission.yaml", sha256="", inputs=("x",), classes=("no", "yes"),
            task="binary", positive=1, declared={"classes": ["no", "yes"]},
        )  # fmt: skip
        endpoint = Endpoint(part, tmp_path, private=True)
        return open_endpoint(spec, endpoint, limits=Limits(timeout_s=20), level=level)

    return open_


def tree(pid):
    """A process and all that it started."""
    found = [pid]
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(stat[1]) == pid:
            found += tree(int(folder.name))
    return found


def gone(pids):
    until = time.monotonic() + 5
    while time.monotonic() < until and any(Path(f"/proc/{pid}").exists() for pid in pids):
        time.sleep(0.01)
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_a_confined_child_asks_over_tls_and_reaches_nothing_else(opened, serving, tmp_path):
    ours = authority()
    content, digest = issued(ours, "localhost")
    (tmp_path / "server.pem").write_bytes(content)
    (tmp_path / "ca.pem").write_bytes(pem(ours[1]))
    (tmp_path / "token.txt").write_text(TOKEN)
    server = serving(answering(mlflow_labels), context=server_context(tmp_path / "server.pem"))

    with opened(server.url(scheme="https", host="localhost"), ca_file="ca.pem", token_file="token.txt") as model:
        children = tree(model._process._process.pid)
        labels = model.answer(ROWS).labels.tolist()
        told = model.isolation

    assert labels == [0, 0, 0, 1, 1]
    assert (server.connections, server.asked[0].headers["authorization"]) == (1, f"Bearer {TOKEN}")
    assert told["endpoint"]["tls"]["certificate_sha256"] == [digest]
    assert told["probe"]["connect_loopback"] == told["probe"]["connect_abstract_socket"] == "refused"
    assert TOKEN not in json.dumps(told)
    assert TOKEN not in "".join(_command_line(pid) for pid in children)
    assert gone(children)


@pytest.mark.parametrize("level", ["landlock", "process"])
def test_a_child_asks_where_bubblewrap_is_not_there(opened, serving, level):
    server = serving(answering(mlflow_labels))

    try:
        model = opened(server.url(), level=level)
    except WorkerError as error:
        pytest.skip(str(error))
    children = tree(model._process._process.pid)
    with model:
        labels = model.answer(ROWS).labels.tolist()

    assert (model.isolation["level"], labels) == (level, [0, 0, 0, 1, 1])
    assert gone(children)


def _command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


ENDLESS = streaming(b"[" * 65_536, head=HEAD)


@pytest.mark.parametrize(
    ("behaviour", "code", "what"),
    [
        (dripping(HEAD), "model_endpoint_lost", "timeout"),
        (ENDLESS, "model_bad_output", "too_large"),
        (reply(b"[" * 500_000), "model_bad_output", "not_json"),
    ],
    ids=["drips", "streams", "nests"],
)
def test_a_confined_child_is_ended_and_nothing_is_left(opened, serving, behaviour, code, what):
    server = serving(behaviour)
    model = opened(server.url(), timeout=2)
    children = tree(model._process._process.pid)
    started = time.monotonic()

    with pytest.raises(WorkerError) as caught:
        model.answer(ROWS)

    assert (caught.value.code, caught.value.values["what"]) == (code, what)
    assert time.monotonic() - started < 8
    assert ENDLESS.sent < 64 << 20
    assert caught.value.isolation["exit"] == code
    assert gone(children)


# The command line.


@pytest.fixture
def submitted(tmp_path):
    """A submission whose model is at that address, and a small checklist."""

    def write(url, **keys):
        folder = tmp_path / "in"
        folder.mkdir(exist_ok=True)
        pyarrow.csv.write_csv(table(40).drop_columns(["y_pred", "y_score"]), folder / "data.csv")
        given = {"protocol": "mlflow", "classes": [0, 1], "timeout": 2, "retries": 0, **keys}
        model = json.dumps({"format": "endpoint", "url": url, **given})
        manifest = MANIFEST.replace("EVALUATION", "data.csv").replace("task:", f"model: {model}\ntask:")
        (folder / "submission.yaml").write_text(manifest, encoding="utf-8")
        (folder / "token.txt").write_text(TOKEN)
        return folder

    return write


@pytest.fixture
def assess(run, tmp_path):
    checklist(tmp_path / "list", "PER-01", "DAT-01", "ROB-01", asked="")

    def command(folder, *options, lang="en", case="case"):
        listed = tmp_path / "list" / "small.yaml"
        return run("assess", folder, "--checklist", listed, "--out", tmp_path / case, *options, lang=lang)

    return command


def everything_in(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def accepting(asked):
    return {"predictions": [1 if income > 30 else 0 for income in mlflow_rows(asked)], "token": TOKEN}


def test_an_endpoint_is_assessed_and_its_token_is_nowhere(confined, run, assess, submitted, serving, tmp_path):
    server = serving(reply({}, status="503 Busy", Retry_After="0"), answering(accepting))
    folder = submitted(server.url("/x?version=2026-01"), token_file="token.txt", batch=16, retries=1)

    done = assess(folder, "--private-endpoint")
    report = run("report", tmp_path / "case", "--kind", "test", "--lang", "ko", "-o", tmp_path / "report.html")

    model = read_case(tmp_path / "case").subject.model
    told = model.isolation["endpoint"]
    assert (model.format, model.sha256) == ("endpoint", None)
    assert told["url"] == f"http://127.0.0.1:{server.port}/x?version=…"
    assert (told["address"], told["retries"], told["run_by"]) == ("127.0.0.1", 1, "applicant")
    assert told["requests"] == len(server.asked) == server.connections
    assert {asked.headers["authorization"] for asked in server.asked} == {f"Bearer {TOKEN}"}
    assert done.status in (0, 1, 3), done.err
    assert report.status == 0, report.err
    assert "모델은 평가자가 실행하지 않았으며" in (tmp_path / "report.html").read_text(encoding="utf-8")
    left = everything_in(tmp_path / "case") + (tmp_path / "report.html").read_bytes()
    assert TOKEN.encode() not in left + f"{done.out}{done.err}{report.out}{report.err}".encode()


def test_labels_groups_and_ids_are_never_sent(confined, assess, submitted, serving):
    server = serving(answering(accepting))

    assess(submitted(server.url()), "--private-endpoint")

    assert {tuple(asked.body["dataframe_split"]["columns"]) for asked in server.asked} == {("income", "age")}
    assert not any(b"approved" in asked.raw or b'"sex"' in asked.raw for asked in server.asked)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_an_endpoint_that_is_not_there_decides_nothing(confined, assess, submitted, lang, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]

    done = assess(submitted(f"http://127.0.0.1:{port}/"), "--private-endpoint", lang=lang)

    verdicts = {finding.item: finding.verdict for finding in read_case(tmp_path / "case").findings}
    assert verdicts == {"PER-01": "error", "DAT-01": "pass", "ROB-01": "error"}
    assert done.status == 3
    assert {"ko": "엔드포인트에 연결할 수 없었다", "en": "The endpoint could not be reached"}[lang] in done.out


def test_a_redirect_to_a_secret_place_decides_nothing_and_is_not_followed(
    confined, assess, submitted, serving, tmp_path
):
    elsewhere = serving(answering(accepting))
    server = serving(reply({}, status="307 There", Location=elsewhere.url()))

    done = assess(submitted(server.url()), "--private-endpoint")

    verdicts = {finding.item: finding.verdict for finding in read_case(tmp_path / "case").findings}
    assert (verdicts["PER-01"], verdicts["DAT-01"], done.status) == ("error", "pass", 3)
    assert (server.connections, elsewhere.connections) == (1, 0)
    assert "status 307" in done.out


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://localhost:{port}/", "in a private network; to ask it all the same add --private-endpoint"),
        ("http://127.0.0.1:{port}/", "in a private network"),
        ("http://169.254.169.254/latest/meta-data", "an address that no endpoint may have"),
        ("http://user:" + PASSWORD + "@127.0.0.1:{port}/", "holds a user name or a password"),
        ("file:///etc/passwd", "must begin with https:// or http://"),
        ("ftp://127.0.0.1:{port}/m", "must begin with https:// or http://"),
    ],
)
def test_an_address_that_may_not_be_asked_ends_with_2_and_leaves_nothing(
    assess, submitted, serving, tmp_path, url, said
):
    server = serving(answering(accepting))

    done = assess(submitted(url.format(port=server.port)))

    assert done.status == 2
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    assert PASSWORD not in done.out + done.err
    assert server.connections == 0
    assert not (tmp_path / "case").exists()


def test_inspect_asks_nobody(run, submitted, serving):
    server = serving(answering(accepting))

    done = run("inspect", submitted(server.url(), token_file="token.txt"))

    assert done.status == 0, done.err
    assert f"url {server.url()}; protocol mlflow; batch 1000" in done.out
    assert TOKEN not in done.out
    assert server.connections == 0
