"""Every key of a model that is an endpoint: what it takes, what it refuses, and the line it is refused on."""
# ruff: noqa: E501  (a row of a table reads better whole)

import pytest

from reliability.submission.endpoint_keys import AUTHORIZATION
from reliability.submission.inspect import describe
from reliability.submission.manifest import ModelPart

HEAD = """\
submission: 1
organisation: {name: 온고을신용}
system: {name: 심사, version: "1", purpose: 승인}
task: TASK
data: {evaluation: d.csv, target: y, favourable: 1}
"""
REGRESSION = HEAD.replace("TASK", "regression").replace(", favourable: 1", "")
URL = "http://localhost:5000/invocations"
LEAST = f"format: endpoint, url: '{URL}', protocol: mlflow, classes: [no, yes]"
PASSWORD = "h4nd3d-0ver"


def manifest_of(model, task="binary"):
    return (REGRESSION if task == "regression" else HEAD.replace("TASK", task)) + f"model: {{{model}}}\n"


def test_the_least_that_is_required_is_enough_and_the_rest_has_its_defaults(validated):
    model = validated(manifest_of(LEAST)).model

    assert (model.url, model.protocol, model.classes) == (URL, "mlflow", ("no", "yes"))
    assert (model.batch, model.rate, model.timeout, model.retries) == (1000, None, 30, 4)
    assert (model.token_header, model.outputs.label, model.outputs.scores) == (AUTHORIZATION, None, None)


@pytest.mark.parametrize(
    ("written", "key", "expected"),
    [
        ("protocol: kserve_v2", "protocol", "kserve_v2"),
        ("token_file: t", "token_file", "t"),
        ("token_env: RELIABILITY_TOKEN", "token_env", "RELIABILITY_TOKEN"),
        ("token_header: X-Api-Key", "token_header", "X-Api-Key"),
        ("ca_file: ca.pem", "ca_file", "ca.pem"),
        ("batch: 64", "batch", 64),
        ("rate: 0.5", "rate", 0.5),
        ("rate: 3", "rate", 3),
        ("timeout: 0.5", "timeout", 0.5),
        ("retries: 0", "retries", 0),
        ("inputs: [b, a]", "inputs", ("b", "a")),
    ],
)
def test_key_of_an_endpoint_is_taken_and_used(validated, written, key, expected):
    least = LEAST.replace("protocol: mlflow, ", "") if key == "protocol" else LEAST
    manifest = validated(manifest_of(f"{least}, {written}"))

    assert getattr(manifest.model, key) == expected
    assert manifest.not_used() == ()


@pytest.mark.parametrize(
    ("written", "scores"),
    [("p", "p"), ("{yes: p}", {"yes": "p"}), ("{no: q}", {"no": "q"}), ("{no: q, yes: p}", {"no": "q", "yes": "p"})],
)
def test_outputs_name_labels_and_scores(validated, written, scores):
    outputs = validated(manifest_of(f"{LEAST}, outputs: {{label: l, scores: {written}}}")).model.outputs

    assert (outputs.label, outputs.scores) == ("l", scores)


def test_a_tensor_belongs_to_kserve(validated):
    kserve = LEAST.replace("mlflow", "kserve_v2")

    assert validated(manifest_of(f"{kserve}, tensor: input-0")).model.tensor == "input-0"


def test_a_regression_needs_no_classes(validated):
    model = validated(manifest_of(LEAST.replace(", classes: [no, yes]", ""), task="regression")).model

    assert model.classes is None


@pytest.mark.parametrize(
    ("model", "code", "line"),
    [
        ("format: endpoint, protocol: mlflow", "key_missing", "model needs url; add it"),
        (f"format: endpoint, url: '{URL}'", "key_missing", "model needs protocol; add it"),
        (f"format: endpoint, url: '{URL}', protocol: mlflow", "key_missing", "model needs classes; add it"),
        (f"{LEAST}, path: m", "path_with_url", "model.path stands beside url; leave it out"),
        (LEAST.replace("mlflow", "http"), "value_not_allowed", "model.protocol is 'http'; write one of: mlflow, kserve_v2"),
        (f"{LEAST}, batch: 0", "value_invalid", "model.batch is 0: input should be greater than or equal to 1"),
        (f"{LEAST}, batch: 1.5", "value_not_number", "model.batch must be a number, not 1.5"),
        (f"{LEAST}, rate: 0", "value_invalid", "model.rate is 0: input should be greater than 0"),
        (f"{LEAST}, rate: fast", "value_not_number", "model.rate must be a number, not 'fast'"),
        (f"{LEAST}, timeout: 0", "value_invalid", "model.timeout is 0"),
        (f"{LEAST}, retries: 11", "value_invalid", "model.retries is 11"),
        (f"{LEAST}, retries: true", "value_not_number", "model.retries must be a number, not True"),
        (f"{LEAST}, token_file: t, token_env: RELIABILITY_T", "token_twice", "model.token_env stands beside token_file; keep one of them"),
        (f"{LEAST}, token_env: AWS_SECRET_ACCESS_KEY", "value_invalid", "model.token_env is 'AWS_SECRET_ACCESS_KEY': string should match pattern"),
        (f"{LEAST}, token_env: RELIABILITY_", "value_invalid", "model.token_env is 'RELIABILITY_'"),
        (f"{LEAST}, token_header: 'X: y'", "value_invalid", "model.token_header is 'X: y'"),
        (f"{LEAST}, token_header: host", "token_header_taken", "model.token_header is a header that every request has; name another"),
        (f"{LEAST}, tensor: t", "tensor_without_kserve", "model.tensor belongs to protocol kserve_v2; leave it out"),
        (f"{LEAST}, outputs: {{lable: l}}", "key_unknown", "model.outputs.lable is no key here; did you mean label?"),
        (f"{LEAST}, outputs: {{scores: {{perhaps: p}}}}", "scores_by_class", "model.outputs.scores must name every class, or one of two"),
        (f"{LEAST}, outputs: {{scores: {{no: p, yes: q, x: r}}}}", "scores_by_class", "model.outputs.scores must name every class"),
    ],
)  # fmt: skip
def test_key_of_an_endpoint_is_refused_on_its_line_when(validated, refusal, model, code, line):
    met, said = refusal(validated, manifest_of(model))

    assert met == code
    assert said.startswith(f"submission.yaml:6: {line}")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("u", "endpoint_url_scheme"),
        ("file:///etc/passwd", "endpoint_url_scheme"),
        ("ftp://models.example/m", "endpoint_url_scheme"),
        ("gopher://models.example/", "endpoint_url_scheme"),
        ("unix:///run/m.sock", "endpoint_url_scheme"),
        (f"http://user:{PASSWORD}@models.example/", "endpoint_url_credentials"),
        (f"http://{PASSWORD}@models.example/", "endpoint_url_credentials"),
        (f"https://models.example/?api_key={PASSWORD}", "endpoint_url_secret"),
        (f"https://models.example/?x=1&code={PASSWORD}", "endpoint_url_secret"),
        (f"https:///{PASSWORD}", "endpoint_url_unreadable"),
        (f"https://models.example:99999/{PASSWORD}", "endpoint_url_unreadable"),
        (f"https://mod els.example/{PASSWORD}", "endpoint_url_unreadable"),
        (f"https://models.example/#{PASSWORD}", "endpoint_url_unreadable"),
        (f"http://[::1/{PASSWORD}", "endpoint_url_unreadable"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_asked_is_refused_without_a_word_of_it(validated, refusal, url, code):
    met, said = refusal(validated, manifest_of(LEAST.replace(URL, url)))

    assert met == code
    assert said.startswith("submission.yaml:6: model.url ")
    assert PASSWORD not in said


def test_keys_of_an_endpoint_are_noted_where_another_format_has_no_use_for_them(validated):
    manifest = validated(manifest_of("format: skops, path: m, batch: 5, retries: 1"))

    assert manifest.not_used() == ("model.batch", "model.retries")


@pytest.mark.parametrize("key", ["token_file", "ca_file"])
def test_a_file_that_the_keys_name_must_be_there(read, refusal, key):
    model = f"task: binary\nmodel: {{{LEAST}, {key}: gone.txt}}"
    handed = ("  prediction: y_pred\n  score: y_score\n", "")

    code, said = refusal(lambda _: read(("task: binary", model), handed), "")

    assert (code, "gone.txt" in said) == ("file_missing", True)


def test_an_endpoint_is_described_without_its_token(read):
    model = (
        f"task: binary\nmodel: {{{LEAST.replace('no, yes', '0, 1')}, token_file: t.txt, outputs: {{scores: {{1: p}}}}}}"
    )
    handed = ("  prediction: y_pred\n  score: y_score\n", "")

    described = describe(read(("task: binary", model), handed, t__txt=PASSWORD))

    assert described["model"] == {"format": "endpoint", "path": None, "sha256": None}
    assert described["model_file"] == {
        "url": URL, "protocol": "mlflow", "batch": 1000, "timeout": 30, "retries": 4,
        "outputs": ["scores: {'1': 'p'}"], "token": "token_file",
    }  # fmt: skip
    assert PASSWORD not in str(described)


def test_every_key_stands_in_the_part_of_the_model():
    keys = "url protocol token_file token_env token_header ca_file batch rate timeout retries outputs tensor"

    assert set(keys.split()) <= set(ModelPart.model_fields)
