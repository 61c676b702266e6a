"""Cases led otherwise than the rules allow, by people with tools of their own: `verify` sees it years later."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reliability.certification.bodies import Changed, Decision, Engagement
from reliability.certification.conduct import not_separate
from reliability.certification.following import heads_before
from reliability.register.rows import NOTHING
from tests.certification import hub as made
from tests.certification.test_verifying_register import kind_of, retold
from tests.certification.verified_hub import issuer, states, verified


def told(changed, content=None, **more):
    """State and code of every point of the certificate, in a register in which the case went otherwise."""
    return states(verified(content or issuer().certificate, issuer().grounds(at_hand=retold(changed, **more))))


def with_body(kind, **changes):
    def changed(steps):
        place = kind_of(steps, kind)
        person, role, body = steps[place]
        return [*steps[:place], (person, role, body.model_copy(update=changes)), *steps[place + 1 :]]

    return changed


def by(kind, person):
    def changed(steps):
        return [(person, role, body) if body.kind == kind else (old, role, body) for old, role, body in steps]

    return changed


def before(kind, *more):
    def changed(steps):
        place = kind_of(steps, kind)
        return [*steps[:place], *more, *steps[place:]]

    return changed


def last(*more):
    return lambda steps: [*steps, *more]


def run_again(run, outcome="conforms"):
    body = next(one.body for one in issuer().hub.history(issuer().case).of("tested"))
    return ("lee", "evaluator", body.model_copy(update={"run": run, "outcome": outcome}))


def grant(decision="grant", run=1):
    return ("choi", "decider", Decision(run=run, decision=decision, reasons=("기준을 충족합니다.",)))


def changed_to(kind):
    return ("jung", "registrar", Changed(kind=kind, number=issuer().number, reason="까닭"))


@pytest.mark.parametrize(("change", "code"), [
    (with_body("tested", outcome="does_not_conform"), "outcome_unfit"),
    (with_body("decided", decision="conditional"), "outcome_unfit"),
    (before("decided", run_again(2, "does_not_conform")), "run_not_standing"),
    (lambda steps: [one for one in steps if one[2].kind != "accepted"], "agreement_missing_at_decision"),
    (with_body("decided", decision="renew"), "edition_unfounded"),
    (before("issued", grant("refuse")), "decision_missing_at_issue"),
    (with_body("issued", revision=2), "edition_unfounded"),
    (with_body("issued", expires=made.START.date() + timedelta(days=20_000)), "term_other"),
    (with_body("issued", granted=made.START.date() - timedelta(days=400)), "term_other"),
    (with_body("opened", scheme="c" * 64), "scheme_missing"),
])  # fmt: skip
def test_a_certificate_that_was_not_earned_is_seen(change, code):
    assert told(change)["decision"] == ("not_held", code)


def test_a_second_issue_upon_the_same_decision_is_seen():
    again = next(one.body for one in issuer().hub.history(issuer().case).of("issued"))

    assert told(last(("jung", "registrar", again)))["decision"] == ("not_held", "edition_unfounded")


@pytest.mark.parametrize(("change", "code"), [
    (by("decided", "han"), "part_not_given"),
    (with_body("opened", people={role: tuple(people) for role, people in made.NAMED.items()} | {
        "applicant": ("kim", "choi")}), "applicant_took_part"),
    (with_body("opened", organisation={"name": "주식회사 전주허브"}), "applicant_took_part"),
    (with_body("opened", engagements=(Engagement(organisation="온고을신용", system="x", person="최 민준",
                                                 date=made.START.date(), kind="advice"),)), "consultant_took_part"),
])  # fmt: skip
def test_a_part_taken_by_somebody_who_must_not_is_seen(change, code):
    assert told(change)["roles"] == ("not_held", code)


def test_a_declaration_after_the_decision_is_seen():
    def late(steps):
        declared = [one for one in steps if one[2].kind == "declared" and one[1] == "decider"]
        return [*(one for one in steps if one not in declared), *declared]

    assert told(late)["roles"] == ("not_held", "declared_late")


def test_one_key_under_two_names_is_one_person():
    """A roster that names the same key twice, by two certificates, is the authority's mistake; a case shows it."""
    history = issuer().hub.history(issuer().case)
    key = history.of("tested")[0].row.entry.actor

    def hands(one):
        entry = replace(one.row.entry, actor=key) if one.kind == "decided" else one.row.entry
        return replace(one, row=replace(one.row, entry=entry))

    doubled = replace(history, events=tuple(map(hands, history.events)))
    assert list(not_separate(history, 1)) == []
    assert list(not_separate(doubled, 1)) == [("roles_not_separate", {"role": "decider"})]


def test_one_person_under_two_names_of_the_roster_is_one_person():
    history = issuer().hub.history(issuer().case)

    def named(one):
        if one.kind != "reviewed":
            return one
        actor = one.event.actor.model_copy(update={"name": "이 도현"})
        return replace(one, event=one.event.model_copy(update={"actor": actor}))

    doubled = replace(history, events=tuple(map(named, history.events)))
    assert list(not_separate(doubled, 1)) == [("roles_not_separate", {"role": "reviewer"})]


@pytest.mark.parametrize(("steps", "status"), [
    (("suspended", "restored"), "active"), (("withdrawn", "restored"), "withdrawn"),
    (("cancelled", "restored"), "cancelled"), (("cancelled", "suspended", "restored"), "cancelled"),
])  # fmt: skip
def test_what_was_ended_is_not_restored(steps, status):
    register = retold(last(*map(changed_to, steps)))

    assert verified(issuer().certificate, issuer().grounds(at_hand=register)).certificate.status == status


def test_a_head_older_than_the_decision_is_none_that_its_author_saw():
    rows = issuer().whole().rows
    place = next(row.sequence for row in rows if row.entry.kind == "issued")

    assert rows[place - 2].hash in heads_before(rows, place)
    assert not heads_before(rows, place) & {NOTHING, *(row.hash for row in rows[: place - 2])}
