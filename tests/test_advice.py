"""The record of advice: closed, of the shape that is shipped as its schema, and worded in both languages."""

import json
import re
from pathlib import Path
from typing import get_args

import jsonschema
import pytest
from pydantic import ValidationError

import reliability
from reliability import advice, resources
from reliability.advice import Advice, Engagement, FindingAdvice, RemedyTried
from reliability.advise.parity import Parity
from reliability.advise.recalibration import CURVES
from reliability.certification import bodies
from reliability.records import canonical_json, schema
from reliability.words.text import LANGUAGES, words
from tests.advise.planted import advised, case, handed_in

SOURCES = "\n".join(
    path.read_text(encoding="utf-8") for path in sorted((Path(reliability.__file__).parent / "advise").glob("*.py"))
)


def shipped():
    return json.loads((resources.schemas() / "advice.schema.json").read_text(encoding="utf-8"))


def named(pattern):
    return sorted(set(re.findall(pattern, SOURCES)))


def test_shipped_schema_is_the_shape_of_the_record():
    assert shipped() == schema(Advice, "Advice, format 1")
    jsonschema.Draft202012Validator.check_schema(shipped())


def test_schema_accepts_an_advice_and_refuses_another_state(tmp_path):
    submission = handed_in(tmp_path)
    record = json.loads(canonical_json(advised(case(tmp_path, submission), submission)))
    jsonschema.validate(record, shipped())

    record["remedies"][0]["state"] = "promised"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(record, shipped())


@pytest.mark.parametrize(
    ("record", "given"),
    [
        (RemedyTried, {"id": "R1", "name": "a", "acts_on": "wishes", "effort": 1, "state": "confirmed"}),
        (FindingAdvice, {"item": "A", "severity": "major", "verdict": "fail", "unmeasured": "tired"}),
        (FindingAdvice, {"item": "A", "severity": "major", "verdict": "fail", "score": 7}),
    ],
)
def test_what_is_not_of_the_record_is_refused(record, given):
    with pytest.raises(ValidationError):
        record.model_validate(given)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("unmeasured", get_args(advice.Unmeasured))
def test_why_nothing_was_measured_has_words(lang, unmeasured):
    assert words(lang).text(f"advise.unmeasured.{unmeasured}", group="")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_remedy_caution_and_reason_has_words(lang):
    said = words(lang)

    for name in named(r'name="([a-z_]+)"'):
        assert f"advise.remedy.{name}" in said, name
    for code in named(r'NotTried\(\s*code="([a-z_]+)"'):
        assert f"advise.not_tried.{code}" in said or f"reason.{code}" in said, code
    for caution in ("randomised", "attribute_at_decision_time", "work_of_people"):
        assert caution in SOURCES
        assert f"advise.caution.{caution}" in said
    for option in (*CURVES, *get_args(Parity)):
        assert f"advise.option.{option}" in said


def test_an_engagement_is_what_certification_reads():
    one = Engagement(organisation="402-81-00000", system="심사 모델", person="Kim", date="2026-01-02")

    assert bodies.Engagement.model_validate_json(canonical_json(one)).person == "Kim"
