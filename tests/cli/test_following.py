"""The next commands name what they need to be right."""

from pathlib import Path

import pytest

from reliability.cli.following import Next
from tests.reports.sample import assessment


def test_a_case_explains_its_items_by_its_own_checklist():
    assert Next(case=Path("my case"), checklist="mine.yaml").explain("OWN-01") == (
        "reliability explain OWN-01 'my case'"
    )


def test_questions_are_those_of_the_checklist_that_was_given():
    assert Next(submission=Path("in"), checklist="my list.yaml").answers == (
        "reliability answers in --checklist 'my list.yaml'"
    )
    assert Next(submission=Path("in")).answers == "reliability answers in"


@pytest.mark.parametrize(
    ("used", "command"),
    [
        ("trustworthy-ai", "reliability explain FAI-02"),
        ("hiring", "reliability explain FAI-02 --checklist hiring"),
        ("ours", "reliability explain FAI-02"),  # of a file of one's own no name is known
    ],
)
def test_a_record_names_its_checklist_where_it_is_a_shipped_one(used, command):
    record = assessment()
    record = record.model_copy(update={"checklist": record.checklist.model_copy(update={"id": used})})

    assert Next.from_record(record).explain("FAI-02") == command
