import pytest
from pydantic import ValidationError

from reliability.records import canonical_json
from reliability.screening.record import AnswerGiven, Becomes, Change, Duty, OpenQuestion, Screening
from reliability.screening.screen import screen
from tests.screening.sheets import inputs

BECOMES = {
    "kr": "likely", "eu": None, "tier": "T3", "kr_high_impact": True, "fully_automated_serious_effect": None,
    "points": {},
}  # fmt: skip
DUTY = {
    "duty": "kr_review", "law": "kr", "applies": True, "force": "must", "since": "2026-01-22", "in_force": True,
    "articles": ["KR-33-1"],
}  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    record = screen(inputs(tmp_path_factory.mktemp("s")), date="2026-11-28")
    return record.model_dump(mode="json")


@pytest.mark.parametrize("value", [True, False, 0, 12_000, 1e26, "unknown", "serious", ("energy", "water")])
def test_a_value_keeps_its_type(value):
    read = AnswerGiven.model_validate_json(canonical_json(AnswerGiven(question="q", value=value)))

    assert (read.value, type(read.value)) == (value, type(value if value != 1e26 else 1e26))


@pytest.mark.parametrize("value", [None, {"a": 1}, [1], [True], [["a"]]])
def test_a_value_is_no_other_thing(value):
    with pytest.raises(ValidationError):
        AnswerGiven(question="q", value=value)


@pytest.mark.parametrize(
    ("record", "given"),
    [
        (OpenQuestion, {"question": "q", "code": "forgotten", "decides": True}),
        (Duty, {**DUTY, "applies": False}),  # a duty that does not apply is not listed
        (Duty, {**DUTY, "force": "may"}),
        (Duty, {**DUTY, "law": "us"}),
        (Becomes, {**BECOMES, "kr": "high"}),
        (Becomes, {**BECOMES, "tier": "T5"}),
        (Change, {"question": "q", "value": True, "instead": [], "becomes": BECOMES}),
    ],
)
def test_what_is_none_of_the_words_there_are_is_refused(record, given):
    with pytest.raises(ValidationError):
        record.model_validate(given)


@pytest.mark.parametrize("key", list(Screening.model_fields))
def test_every_part_of_the_record_is_there(whole, key):
    without = {name: value for name, value in whole.items() if name != key}

    if key == "screening":
        assert Screening.model_validate(without).screening == 1
    else:
        with pytest.raises(ValidationError, match="missing"):
            Screening.model_validate(without)


@pytest.mark.parametrize(
    "changes", [{"screening": 2}, {"more": 1}, {"date": "28.11.2026"}, {"date": ""}, {"kr": {"status": "likely"}}]
)
def test_a_record_that_is_none_is_refused(whole, changes):
    assert Screening.model_validate(whole)
    with pytest.raises(ValidationError):
        Screening.model_validate({**whole, **changes})
