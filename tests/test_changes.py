"""The record of a comparison: closed, frozen, and of the shape that is shipped as its schema."""

import json
from typing import get_args

import jsonschema
import pytest
from pydantic import ValidationError

from reliability import changes, resources
from reliability.changes import Comparison, Difference, InputChange, MeasurementChange, RowsCompared
from reliability.records import Criterion, Measurement, canonical_json, schema
from reliability.words.text import LANGUAGES, words
from tests.compare.two_cases import told

ONE = Measurement(check="performance.accuracy", value=0.5, low=0.4, high=0.6, n=10, unit="share")


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    return told(tmp_path_factory.mktemp("told"), range(80), range(8))


def shipped():
    return json.loads((resources.schemas() / "comparison.schema.json").read_text(encoding="utf-8"))


def test_shipped_schema_is_the_shape_of_the_record():
    assert shipped() == schema(Comparison, "Comparison, format 1")
    jsonschema.Draft202012Validator.check_schema(shipped())


def test_schema_accepts_a_comparison_and_refuses_another_claim(comparison):
    record = json.loads(canonical_json(comparison))
    jsonschema.validate(record, shipped())

    record["measurements"][0]["claim"] = "certain"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(record, shipped())


@pytest.mark.parametrize("key", ["comparison", "before", "after", "rows", "measurements", "confidence", "tested"])
def test_the_record_has_the_keys_that_scripts_read(comparison, key):
    assert key in json.loads(canonical_json(comparison))


@pytest.mark.parametrize(
    ("record", "given"),
    [
        (InputChange, {"what": "weather"}),
        (RowsCompared, {"paired": False, "reason": "tired"}),
        (Difference, {"value": float("nan"), "method": "mover"}),
        (Difference, {"value": 0.1}),
        (MeasurementChange, {"items": ["A"], "criterion": Criterion(), "before": ONE, "after": ONE, "claim": "sure"}),
        (
            MeasurementChange,
            {"items": ["A"], "criterion": Criterion(), "before": ONE, "after": ONE, "claim": "same", "reason": "x"},
        ),
    ],
)
def test_a_value_that_is_none_of_those_there_are_is_refused(record, given):
    with pytest.raises(ValidationError):
        record.model_validate(given)


def test_the_number_of_groups_stands_only_where_a_pair_was_picked():
    assert "groups" not in json.loads(canonical_json(Difference(value=0.1, method="mover")))
    assert json.loads(canonical_json(Difference(value=0.1, method="fixed_pair_ratio", groups=3)))["groups"] == 3


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("kind", "prefix"),
    [
        (changes.Untested, "compare.untested."),
        (changes.NotPaired, "compare.rows."),
        (changes.Claim, "compare.claim."),
        (changes.What, "compare.input."),
        (changes.Basis, "compare.basis."),
    ],
)
def test_every_code_of_the_record_has_its_words(lang, kind, prefix):
    unsaid = {"compare.claim.same"}
    missing = [
        code for code in get_args(kind) if f"{prefix}{code}" not in words(lang) and f"{prefix}{code}" not in unsaid
    ]

    assert missing == []
