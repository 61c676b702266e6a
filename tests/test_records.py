import json

import jsonschema
import pytest
from pydantic import ValidationError

from reliability import resources
from reliability.errors import RecordError
from reliability.records import (
    FAILURES,
    REASONS,
    UNASKED,
    Assessment,
    Criterion,
    Dates,
    Finding,
    Measurement,
    NotTested,
    Reason,
    canonical_json,
    schema,
)
from reliability.reports.document import DocumentRecord

NAN, INFINITY = float("nan"), float("inf")


def measured(**changes):
    return Measurement(**({"value": 0.5, "low": 0.4, "high": 0.6, "n": 10, "unit": "share"} | changes))


def shipped(name):
    return json.loads((resources.schemas() / name).read_text(encoding="utf-8"))


def test_canonical_json_sorts_keys_and_spends_no_space():
    assert (
        canonical_json({"b": [1.0, 0.1, None], "a": "가", "c": True}) == '{"a":"가","b":[1,0.1,null],"c":true}'.encode()
    )


def test_canonical_json_of_a_record_uses_the_names_of_the_file():
    assert canonical_json(Reason(code="no_model", with_={"n": 1})) == b'{"code":"no_model","with":{"n":1}}'


def test_canonical_json_does_not_change_when_read_and_written_again():
    one = measured(slice={"sex": "F", "old": None}, by=("sex", "old"), details={"groups": [{"n": 1.0}]})

    assert canonical_json(Measurement.model_validate_json(canonical_json(one))) == canonical_json(one)


@pytest.mark.parametrize("value", [2**53, -(2**60)])
def test_canonical_json_refuses_an_integer_that_it_cannot_hold(value):
    with pytest.raises(RecordError, match="hand the column in as text") as caught:
        canonical_json({"n": value})

    assert (caught.value.code, caught.value.exit_status) == ("integer_too_large", 2)


@pytest.mark.parametrize("name", ["value", "low", "high"])
def test_number_is_null_only_with_its_reason(name):
    with pytest.raises(ValidationError, match="gives its reason"):
        measured(**{name: None})

    assert getattr(measured(**{name: None}, reason=Reason(code="whole_file")), name) is None


def test_bounds_stand_in_their_order():
    with pytest.raises(ValidationError, match=r"lower bound 1\.0 is above its upper bound 0\.0"):
        measured(low=1.0, high=0.0)

    # What floats round in a sum is no disorder.
    assert measured(low=0.6, high=0.6 * (1 - 1e-15)).high < 0.6
    assert measured(low=5, high=5).low == 5


@pytest.mark.parametrize("name", ["value", "low", "high", "confidence", "p_value"])
@pytest.mark.parametrize("number", [NAN, INFINITY, -INFINITY])
def test_number_is_finite_or_null(name, number):
    with pytest.raises(ValidationError, match="finite"):
        measured(**{name: number})


@pytest.mark.parametrize("details", [{"a": NAN}, {"a": [{"b": INFINITY}]}, {"a": (1.0, -INFINITY)}])
def test_number_deep_inside_is_finite(details):
    with pytest.raises(ValidationError, match="finite"):
        measured(details=details)
    with pytest.raises(ValidationError, match="finite"):
        Reason(code="no_rows", with_=details)


@pytest.mark.parametrize("value", [True, 1, 1.5, "1"])
def test_label_keeps_its_type(value):
    one = Measurement.model_validate_json(canonical_json(measured(of=value, slice={"g": value})))

    assert (one.of, type(one.of), type(one.slice["g"])) == (value, type(value), type(value))


@pytest.mark.parametrize("record", [Reason, NotTested])
def test_reason_is_refused_when_it_is_not_in_the_closed_list(record):
    given = {"code": "because", "what": "PER-01"} if record is NotTested else {"code": "because"}

    with pytest.raises(ValidationError, match="closed list"):
        record.model_validate(given)


def test_lists_of_reasons_belong_together():
    assert FAILURES < REASONS
    assert UNASKED < REASONS
    assert not FAILURES & UNASKED
    assert {"model_raised", "sandbox_unavailable"} < FAILURES


def test_record_is_closed_and_frozen():
    with pytest.raises(ValidationError, match="extra"):
        measured(score=1)
    with pytest.raises(ValidationError, match="frozen"):
        measured().value = 1


@pytest.mark.parametrize(
    ("record", "given"),
    [
        (Finding, {"item": "A", "severity": "grave", "verdict": "pass"}),
        (Finding, {"item": "A", "severity": "minor", "verdict": "ok"}),
        (Criterion, {"check": "a.b", "rule": "lenient"}),
        (Criterion, {"check": "a.b", "by": "everybody"}),
        (Dates, dict.fromkeys(("received", "started", "finished"), "2026-01-01T00:00:00")),
    ],
)
def test_record_is_refused_when_a_value_is_none_of_those_there_are(record, given):
    with pytest.raises(ValidationError):
        record.model_validate(given)


@pytest.mark.parametrize(
    ("name", "record", "title"),
    [
        ("assessment.schema.json", Assessment, "Assessment, format 1"),
        ("document.schema.json", DocumentRecord, "Document, format 1"),
    ],
)
def test_shipped_schema_is_the_shape_of_the_record(name, record, title):
    assert shipped(name) == schema(record, title)
    jsonschema.Draft202012Validator.check_schema(shipped(name))


def test_schema_of_a_document_accepts_one_and_refuses_another():
    document = json.loads(canonical_json(DocumentRecord(kind="test", number="R-1", issued="2026-01-02")))

    jsonschema.validate(document, shipped("document.schema.json"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "kind": "diploma"}, shipped("document.schema.json"))


def test_schema_of_an_assessment_knows_the_closed_list_of_reasons():
    code = shipped("assessment.schema.json")["$defs"]["Reason"]["properties"]["code"]

    assert set(code["enum"]) == REASONS
