"""Plans: sealed before a run, changed only by a deviation with its reason."""

import pytest

from reliability.certification import planning, testing
from reliability.errors import UsageError
from tests.certification import hub as made

ASSESSMENT = made.conforming()
DRAFT = made.draft_of(ASSESSMENT)


def refused(action):
    with pytest.raises(UsageError) as caught:
        action()
    return caught.value.code


def seal(hub, case, draft=DRAFT, **changes):
    return planning.seal(hub.desk(), hub.signer("lee"), hub.history(case), draft, named="certification",
                         **({"seed": 0} | changes))  # fmt: skip


def test_a_plan_holds_what_will_be_measured_and_how_many_rows_it_takes(hub, case):
    plan = planning.sealed(hub.desk(), hub.history(case).plan)

    assert plan.draft == DRAFT
    assert (plan.case, plan.seed, plan.draft.needs[0].likely) == (case, 0, 300)


def test_a_second_plan_says_why_it_is_there(hub, case):
    assert refused(lambda: seal(hub, case, seed=1)) == "plan_there"
    seal(hub, case, seed=1, deviates="시드를 바꾼다")
    assert hub.history(case).plan.body.deviates == "시드를 바꾼다"


def test_a_first_plan_deviates_from_nothing(hub):
    case = made.opened(hub, ASSESSMENT)

    assert refused(lambda: seal(hub, case, deviates="까닭")) == "deviation_of_nothing"


@pytest.mark.parametrize(
    "changes",
    [
        {"model": {"format": "skops", "sha256": "0" * 64}},
        {"system": dict(DRAFT.system) | {"version": "9.9"}},
        {"organisation": dict(DRAFT.organisation) | {"name": "다른 회사"}},
    ],
)
def test_another_object_is_another_case(hub, changes):
    case = made.opened(hub, ASSESSMENT)

    assert refused(lambda: seal(hub, case, made.draft_of(ASSESSMENT, **changes))) == "plan_other_object"


def test_a_plan_is_sealed_by_an_evaluator_who_declared(hub):
    case = made.opened(hub, ASSESSMENT)
    history = hub.history(case)

    assert refused(
        lambda: planning.seal(hub.desk(), hub.signer("park"), history, DRAFT, named="certification", seed=0)
    ) == ("not_assigned")


@pytest.mark.parametrize("what", ["evaluation", "training", "checklist", "model"])
def test_a_run_of_something_else_than_was_sealed_is_refused(hub, case, what):
    value = getattr(DRAFT, what) or {"sha256": "1" * 64}
    other = DRAFT.model_copy(update={what: dict(value) | {"sha256": "0" * 64}})

    with pytest.raises(UsageError, match=what) as caught:
        testing.refuse_untestable(hub.desk(), hub.history(case), other)
    assert caught.value.code == "run_off_plan"


def test_a_run_without_plan_or_agreement_is_refused(hub):
    case = made.opened(hub, ASSESSMENT)

    assert refused(lambda: testing.refuse_untestable(hub.desk(), hub.history(case), DRAFT)) == "plan_missing"


def test_surveillance_looks_at_other_data_by_the_same_checklist(hub, case):
    other = DRAFT.model_copy(update={"evaluation": dict(DRAFT.evaluation) | {"sha256": "0" * 64}})
    changed = DRAFT.model_copy(update={"checklist": dict(DRAFT.checklist) | {"sha256": "0" * 64}})

    assert testing.refuse_untestable(hub.desk(), hub.history(case), other, surveillance=True).case == case
    assert refused(lambda: testing.refuse_untestable(hub.desk(), hub.history(case), changed, surveillance=True)) == (
        "run_off_plan"
    )


def test_a_time_stamp_of_the_plan_is_kept_with_it(hub):
    case = made.opened(hub, ASSESSMENT)
    seen = []

    def stamp(digest):
        seen.append(digest)
        return b"token"

    seal(hub, case, stamp=stamp)

    planned = hub.history(case).plan.body
    assert (seen, planned.token) == ([planned.plan], "dG9rZW4=")
