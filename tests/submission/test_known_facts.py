"""Facts that the submission itself tells: stated, derived, or unknown."""

import pytest

from reliability.facts import FACTS
from reliability.submission.known_facts import known_facts


def values(submission, *, has_scores=True):
    return {name: fact["value"] for name, fact in known_facts(submission, has_scores=has_scores).items()}


def test_every_fact_of_the_list_is_there_in_its_order(read):
    assert list(known_facts(read(), has_scores=None)) == list(FACTS)


def test_facts_of_the_data_are_derived(read):
    met = values(read())

    assert (met["labels_available"], met["two_or_more_sensitive"], met["training_members_available"]) == (
        True,
        True,
        False,
    )
    assert (met["classification"], met["regression"]) == (True, False)


def test_one_sensitive_attribute_is_not_two(read):
    met = values(read(("[sex, {column: age, bands: [0, 30, 65]}]", "[sex]")))

    assert met["two_or_more_sensitive"] is False


@pytest.mark.parametrize("has_scores", [True, False, None])
def test_whether_probabilities_come_out_is_as_told(read, has_scores):
    assert values(read(), has_scores=has_scores)["outputs_probability"] is has_scores


def test_a_stated_fact_keeps_its_reason_and_others_stay_unknown(read):
    stated = "task: binary\nfacts: {hiring: {is: false, because: 채용 아님}, generative: true}"
    met = known_facts(read(("task: binary", stated)), has_scores=True)

    assert met["hiring"] == {"value": False, "origin": "stated", "because": "채용 아님"}
    assert met["generative"]["value"] is True
    assert (met["affects_people"]["value"], met["kr_high_impact"]["value"]) == (None, None)


def test_an_entity_column_states_that_rows_share_entities(read):
    met = values(read(("  id: id", "  entity: id")))

    assert met["rows_share_entities"] is True
