"""Every change of every status, by everybody: what chain, index and pages say of it together."""

import itertools
from datetime import timedelta

import pytest

from reliability.certification.changing import change, index_of, meet_condition
from reliability.certification.standing import status_on, steps_of
from reliability.errors import UsageError
from reliability.register.searching import Search
from tests.certification import hub as made
from tests.certification import publishing_case as unprinted

CHANGES = ("suspended", "restored", "withdrawn", "cancelled")
# status -> what it becomes by each change that it allows.
TABLE = {
    "active": {"suspended": "suspended", "withdrawn": "withdrawn", "cancelled": "cancelled"},
    "suspended": {"restored": "active", "withdrawn": "withdrawn", "cancelled": "cancelled"},
    "withdrawn": {},
    "cancelled": {},
}
LEADS_TO = {"active": (), "suspended": ("suspended",), "withdrawn": ("withdrawn",), "cancelled": ("cancelled",)}


@pytest.fixture(scope="module")
def hub(hub_template, tmp_path_factory):
    """A hub with a certificate of every status, on one condition each, in which nothing but refusals is tried."""
    one = hub_template.copied(tmp_path_factory.mktemp("statuses") / "hub")
    due = unprinted.open_until(made.START.date() + timedelta(days=90))
    one.numbers = {}
    for status, changes in LEADS_TO.items():
        one.numbers[status] = unprinted.certified(one, unprinted.conditional(f"회사 {status}"), conditions=due)
        for what in changes:
            changed(one, one.numbers[status], what)
    return one


@pytest.fixture
def mine(hub, tmp_path):
    """The same, to be changed."""
    copy = hub.copied(tmp_path / "hub")
    copy.numbers = dict(hub.numbers)
    return copy


def changed(hub, number, what, person="jung"):
    desk = hub.desk()
    change(desk, hub.signer(person), desk.history(number), what, "까닭이 있다")


def status(hub, number):
    """The status that the index has, the chain tells and a verifier finds: one and the same."""
    desk = hub.desk()
    history, (index,) = desk.history(number), desk.register.certificates(Search(number=number))
    assert index == index_of(desk, history)
    assert index.status == history.status == status_on(steps_of(history), 1, desk.now.date())[0]
    return index.status


def refusal(hub, number, what, person="jung"):
    before = hub.desk().register.head()
    with pytest.raises(UsageError) as caught:
        changed(hub, number, what, person)
    assert hub.desk().register.head() == before
    return caught.value.code


ALLOWED = [(status, what, after) for status, row in TABLE.items() for what, after in row.items()]
REFUSED = [(status, what) for status, what in itertools.product(TABLE, CHANGES) if what not in TABLE[status]]


@pytest.mark.parametrize(("before", "what"), REFUSED)
def test_a_change_that_the_status_forbids_leaves_everything_as_it_was(hub, before, what):
    number = hub.numbers[before]

    assert refusal(hub, number, what) == "status_forbids"
    assert status(hub, number) == before


@pytest.mark.parametrize(("before", "what", "after"), ALLOWED)
def test_a_change_that_the_status_allows_is_one_row_with_its_reason(mine, before, what, after):
    number, size = mine.numbers[before], mine.desk().register.head().size
    changed(mine, number, what)

    last = mine.history(number).events[-1]
    assert (last.row.sequence, last.kind, last.body.reason, last.body.number) == (size + 1, what, "까닭이 있다", number)
    assert status(mine, number) == after


@pytest.mark.parametrize("what", [what for what in CHANGES if what != "cancelled"])
@pytest.mark.parametrize("before", ["active", "suspended"])
def test_a_holder_changes_nothing_but_by_giving_it_up(hub, before, what):
    expected = "not_assigned" if what in TABLE[before] else "status_forbids"

    assert refusal(hub, hub.numbers[before], what, "kim") == expected


@pytest.mark.parametrize("before", ["active", "suspended"])
def test_a_holder_gives_up_a_certificate_by_their_own_signature(mine, before):
    number = mine.numbers[before]
    changed(mine, number, "cancelled", "kim")

    actor = mine.history(number).events[-1].event.actor
    assert (status(mine, number), actor.person, actor.role) == ("cancelled", "kim", "applicant")


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("person", ["lee", "park", "choi", "han"])
def test_nobody_else_changes_anything_at_all(hub, person, what):
    number = hub.numbers["suspended" if what == "restored" else "active"]

    assert refusal(hub, number, what, person) == "not_assigned"


def test_one_certificate_changes_and_the_others_stay(mine):
    changed(mine, mine.numbers["active"], "withdrawn")

    assert {name: status(mine, number) for name, number in mine.numbers.items()} == {
        "active": "withdrawn", "suspended": "suspended", "withdrawn": "withdrawn", "cancelled": "cancelled",
    }  # fmt: skip


def test_a_certificate_goes_in_and_out_of_force_as_often_as_it_has_to(mine):
    number = mine.numbers["active"]
    seen = []
    for what in ("suspended", "restored") * 3:
        changed(mine, number, what)
        seen.append(status(mine, number))

    assert seen == ["suspended", "active"] * 3


def test_a_change_takes_nothing_else_from_the_index(mine):
    number = mine.numbers["active"]
    (before,) = mine.desk().register.certificates(Search(number=number))
    changed(mine, number, "suspended")
    (after,) = mine.desk().register.certificates(Search(number=number))

    assert after == before.model_copy(update={"status": "suspended"})


@pytest.mark.parametrize("before", list(TABLE))
def test_a_condition_is_closed_whatever_the_status_is_and_changes_none(mine, before):
    number = mine.numbers[before]
    unprinted.met(mine, number, "PER-01")

    (index,) = mine.desk().register.certificates(Search(number=number))
    assert (index.conditions, status(mine, number)) == ((), before)


@pytest.mark.parametrize(("person", "role"), [("lee", "evaluator"), ("park", "reviewer")])
def test_a_condition_is_closed_by_evaluator_or_reviewer_with_what_they_saw(mine, person, role):
    number, desk = mine.numbers["active"], mine.desk()
    meet_condition(desk, mine.signer(person), desk.history(number), "PER-01", "문서를 보았다", b"scan")

    last = mine.history(number).events[-1]
    assert (last.event.actor.role, desk.register.file(last.body.evidence)) == (role, b"scan")


@pytest.mark.parametrize("person", ["kim", "jung", "choi", "han"])
def test_nobody_else_closes_a_condition(hub, person):
    desk = hub.desk()

    with pytest.raises(UsageError) as caught:
        meet_condition(desk, hub.signer(person), desk.history(hub.numbers["active"]), "PER-01", "보았다")
    assert caught.value.code == "not_assigned"


def test_a_condition_that_there_is_none_of_names_those_that_are_open(hub, mine):
    desk = hub.desk()
    with pytest.raises(UsageError, match="no open condition on GOV-77; open are PER-01"):
        meet_condition(desk, hub.signer("lee"), desk.history(hub.numbers["active"]), "GOV-77", "보았다")

    number = mine.numbers["active"]
    unprinted.met(mine, number, "PER-01")
    with pytest.raises(UsageError, match="open are -"):
        unprinted.met(mine, number, "PER-01")
