"""Hubs made once: keys are slow on purpose."""

import pytest

from tests.certification import hub as made


@pytest.fixture(scope="session")
def hub_template(tmp_path_factory):
    """A hub without a case, whose people's keys are open."""
    hub = made.make_hub(tmp_path_factory.mktemp("hub"))
    for person in made.PEOPLE:
        hub.signer(person)
    return hub


@pytest.fixture
def hub(hub_template, tmp_path):
    """A hub of one's own."""
    return hub_template.copied(tmp_path / "hub")


@pytest.fixture
def case(hub):
    """A case whose plan is sealed."""
    assessment = made.conforming()
    number = made.opened(hub, assessment)
    made.sealed(hub, number, assessment)
    return number
