"""What the steps of certification do: read, ask for the pass phrase, sign one event, say what comes next."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from reliability.certification import changing, opening, planning, reviewing, roster, testing
from reliability.certification.bodies import ROLES, Condition
from reliability.certification.desk import ROSTER, Desk
from reliability.certification.drafting import draft_of
from reliability.certification.events import Signer
from reliability.certification.history import History
from reliability.certification.schemes import read_scheme
from reliability.cli.certify_cases import desk_of, next_step, record_of
from reliability.cli.clock import now
from reliability.cli.passphrases import passphrase
from reliability.cli.saving import write_whole
from reliability.cli.saying import print_json, say, tell
from reliability.errors import UsageError
from reliability.signing import authority, key_files
from reliability.signing.time_stamps import Stamper
from reliability.words.text import words

# Exit statuses of `decide`, as of an outcome.
_DECIDED = {"grant": 0, "conditional": 0, "renew": 0, "refuse": 1, "return": 3}
_OUTCOMES = {"conforms": 0, "conforms_with_conditions": 0, "does_not_conform": 1, "undetermined": 3}
_LARGEST_EVIDENCE = 25 << 20
STAMP_TIMEOUT_S = 20.0


class Step:
    """A step at a desk: the case, and who takes it, whose key is opened when everything else was in order."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.said = words(given["lang"])
        self.as_json: bool = given["as_json"]
        self.desk: Desk = desk_of(given["register"])
        self._key: Path = given["key"]
        self._secret = {"descriptor": given["passphrase_fd"], "variable": given["passphrase_env"]}

    def history(self, case: str) -> History:
        """The case as it stands."""
        return self.desk.history(case)

    def signer(self) -> Signer:
        """Who takes the step."""
        return self.desk.signer(self._key, passphrase(self.said, **self._secret))

    def done(self, case: str, key: str, *beside: str, **values: Any) -> None:
        """Say what was done, what is to be known besides, and what comes next; as JSON the whole case instead."""
        history = self.desk.history(case)
        if self.as_json:
            print_json(record_of(self.desk, history))
        else:
            say(self.said.text(f"cli.certify.{key}", case=history.case, **values))
        for line in (*beside, *(() if self.as_json else (next_step(history, self.said),))):
            tell(line)


def sign_roster(
    file: Path, ca: Path, register: Path, passphrase_fd: int | None, passphrase_env: str | None, *, as_json: bool,
    lang: str,
) -> None:  # fmt: skip
    """The roster, signed and put into the register's folder."""
    said, signer = words(lang), authority.open_authority(ca)
    secret = passphrase(said, descriptor=passphrase_fd, variable=passphrase_env)
    key = key_files.read_key(ca / authority.KEY, secret)
    content = roster.sign_roster(file, key, (signer.certificate, *signer.above), now=now())
    write_whole(register / ROSTER, content)
    if as_json:
        print_json({"roster": str(register / ROSTER)})
    else:
        say(said.text("cli.certify.rostered", file=str(register / ROSTER)))


def open_case(submission: Path, scheme: str, engagements: Path | None, **given: Any) -> None:
    """A case, opened."""
    step, rules = Step(given), read_scheme(scheme)
    draft = draft_of(submission, rules.text.checklist, needs=False)
    named = {role: given[role] for role in ROLES}
    case = opening.open_case(step.desk, step.signer(), draft, rules, named, engagements=engagements)
    step.done(case, "opened")


def declare(case: str, role: Any, statement: str | None, **given: Any) -> None:
    """A declaration."""
    step = Step(given)
    history = step.history(case)
    text = statement or step.said.text("certify.declaration")
    opening.declare(step.desk, step.signer(), history, role, text)
    step.done(case, "declared")


def accept(case: str, agreement: str | None, position: str | None, **given: Any) -> None:
    """The agreement, read and accepted."""
    step = Step(given)
    history = step.history(case)
    rules = step.desk.rules(history)
    if agreement is None:
        tell(getattr(rules.text.agreement, step.said.lang))
        tell(f"SHA-256: {rules.agreement_sha256}")
        click.confirm(step.said.text("cli.certify.accept"), abort=True, err=True)
    opening.accept(step.desk, step.signer(), history, agreement or rules.agreement_sha256, position)
    step.done(case, "accepted")


def plan(case: str, submission: Path, seed: int, deviates: str | None, stamp: str | None, **given: Any) -> None:
    """A plan, sealed."""
    step = Step(given)
    history = step.history(case)
    named = step.desk.rules(history).text.checklist
    draft = draft_of(submission, named)
    stamper = Stamper(url=stamp, timeout_s=STAMP_TIMEOUT_S) if stamp else None
    sealed = planning.seal(
        step.desk, step.signer(), history, draft, named=named, seed=seed, deviates=deviates,
        stamp=(lambda digest: stamper.stamp(bytes.fromhex(digest))) if stamper else None,
    )  # fmt: skip
    # What could not be measured on made-up rows may well be on real ones.
    short = [one for one in sealed.draft.needs if one.enough is False and one.why != "lacking"]
    told = [
        step.said.text(
            f"cli.certify.{'too_few' if one.best else 'too_few_ever'}",
            item=one.item, check=step.said.text(f"check.{one.check}"), n=one.n, best=one.best,
        )
        for one in short
    ]  # fmt: skip
    step.done(case, "planned", *told, n=len(sealed.draft.needs), short=len(short))


def test(case: str, submission: Path, out: Path, jobs: int, **given: Any) -> None:
    """A run of the plan."""
    step = Step(given)
    history = step.history(case)
    sealed = testing.refuse_untestable(step.desk, history, draft_of(submission, _named(step, history), needs=False))
    signer = step.signer()  # asked for now: the run may take long, and nobody may be there when it ends
    assessment = testing.assessed(sealed, submission, out, options=_options(step, jobs))
    step.desk = desk_of(given["register"])
    body = testing.keep_run(step.desk, signer, step.history(case), out)
    step.done(case, "tested", run=body.run, outcome=step.said.text(f"outcome.{assessment.outcome}"))
    click.get_current_context().exit(_OUTCOMES[assessment.outcome])


def discard(case: str, run: int, why: str, **given: Any) -> None:
    """A run that does not count."""
    step = Step(given)
    history = step.history(case)
    testing.discard(step.desk, step.signer(), history, run, why)
    step.done(case, "discarded", run=run)


def review(
    case: str, run: int | None, recommend: Any, note: str, nonconformities: Sequence[tuple[str, str, str]],
    **given: Any,
) -> None:  # fmt: skip
    """A review."""
    step = Step(given)
    history = step.history(case)
    number = run or (history.standing.body.run if history.standing else 1)
    reviewing.review(step.desk, step.signer(), history, number, recommend, note, nonconformities)
    step.done(case, "reviewed", run=number)


def close(case: str, nonconformity: str, note: str, evidence: Path | None, **given: Any) -> None:
    """A nonconformity, closed."""
    step = Step(given)
    history = step.history(case)
    reviewing.close(step.desk, step.signer(), history, nonconformity, note, _evidence(evidence))
    step.done(case, "closed", nonconformity=nonconformity)


def decide(
    case: str, run: int | None, reasons: Sequence[str], conditions: Sequence[tuple[str, str, str]], **given: Any
) -> None:
    """A decision."""
    said = [one for one in _DECIDED if given.get(one)]
    if len(said) != 1:
        raise UsageError(
            "decision_unsaid", "say what is decided: --grant, --conditional, --refuse, --return or --renew"
        )
    decision: Any = said[0]
    step = Step(given)
    history = step.history(case)
    listed = [Condition(item=item, due=_day(due), text=text) for item, due, text in conditions]
    reviewing.decide(step.desk, step.signer(), history, decision, reasons, listed, run=run)
    step.done(case, "decided", decision=step.said.text(f"certify.decision.{decision}"))
    click.get_current_context().exit(_DECIDED[decision])


def appeal(case: str, grounds: str, **given: Any) -> None:
    """An appeal."""
    step = Step(given)
    history = step.history(case)
    reviewing.appeal(step.desk, step.signer(), history, grounds)
    step.done(case, "appealed")


def hear(case: str, reasons: Sequence[str], *, upheld: bool, **given: Any) -> None:
    """What became of an appeal."""
    step = Step(given)
    history = step.history(case)
    reviewing.hear(step.desk, step.signer(), history, upheld=upheld, reasons=reasons)
    step.done(case, "upheld" if upheld else "dismissed")


def surveil(case: str, submission: Path, out: Path, jobs: int, **given: Any) -> None:
    """Surveillance of a certificate."""
    step = Step(given)
    history = step.history(case)
    number = changing.index_of(step.desk, history).number
    draft = draft_of(submission, _named(step, history), needs=False)
    sealed = testing.refuse_untestable(step.desk, history, draft, surveillance=True)
    signer = step.signer()
    assessment = testing.assessed(sealed, submission, out, options=_options(step, jobs))
    step.desk = desk_of(given["register"])
    body = testing.surveil(step.desk, signer, step.history(case), out, number=number)
    key = "surveilled" if body.within_scope else "out_of_scope"
    step.done(case, key, number=number, n=len(body.moved), outcome=step.said.text(f"outcome.{assessment.outcome}"))
    click.get_current_context().exit(_OUTCOMES[assessment.outcome] if body.within_scope else 3)


def condition(case: str, item: str, note: str, evidence: Path | None, **given: Any) -> None:
    """A condition, closed."""
    step = Step(given)
    history = step.history(case)
    changing.meet_condition(step.desk, step.signer(), history, item, note, _evidence(evidence))
    step.done(case, "condition_met", item=item)


def _options(step: Step, jobs: int) -> tuple[str, ...]:
    return ("--jobs", str(jobs), "--lang", step.said.lang)


def _named(step: Step, history: History) -> str:
    return step.desk.rules(history).text.checklist


def _evidence(path: Path | None) -> bytes | None:
    if path is None:
        return None
    content = path.read_bytes()
    if not content or len(content) > _LARGEST_EVIDENCE:
        raise UsageError(
            "evidence_size", "{path}: {size} bytes; evidence is a file of 1 byte to 25 MB", path=path, size=len(content)
        )
    return content


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("day_unreadable", "{text!r}: no day; write YYYY-MM-DD", text=text) from error
