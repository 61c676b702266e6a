"""Advises on a case: tries what may mend its findings, and measures the best of it on rows that did not choose it."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from reliability.advice import Advice, AdvisedCase, FindingAdvice, RemedyTried, Splits, State, Unmeasured, Why
from reliability.advise.aims import UNMENDED, Aim, aims
from reliability.advise.catalogue import pair, pairs, remedies
from reliability.advise.confirming import Confirming
from reliability.advise.copies import Copies
from reliability.advise.data import columns_to_repair, rows_needed
from reliability.advise.gathering import Gathered, gathered
from reliability.advise.labels import labels_may_be_biased, rests_on_labels
from reliability.advise.measuring import Measured, Reopening, items
from reliability.advise.ranking import CONFIRMED, Standing, applies, chosen, ranked
from reliability.advise.remedies import EFFORTS, ActsOn, Ask, Ground, NotTried, Remedy
from reliability.advise.splits import split
from reliability.advise.trials import Ran, Stage, on_choosing, run
from reliability.assess import fingerprint, software
from reliability.bench import Bench, Settings, model_spec
from reliability.errors import UsageError
from reliability.plan import Available
from reliability.records import Assessment, Finding, canonical_json
from reliability.submission.read import Submission
from reliability.worker.parent import Limits

TRYING = 0.6  # of the budget: the rest confirms


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Who looks on: what is about to be done, what is done, and whether a share of the budget is spent."""

    planned: Callable[[int], None] = lambda _steps: None
    done: Callable[[str], None] = lambda _name: None
    spent: Callable[[float], bool] = lambda _share: False
    budget_s: float | None = None


def advise(
    case: Assessment, submission: Submission, *, by: str | None, clock: Callable[[], datetime], settings: Settings,
    watch: Watch, efforts: Mapping[ActsOn, int] = EFFORTS,
) -> Advice:  # fmt: skip
    """Try and measure what may mend the findings of a case.

    Parameters
    ----------
    case : Assessment
        The case's record.
    submission : Submission
        What was assessed, with the same digests.
    by : str or None
        Who advises.
    clock : callable
        The time, in UTC.
    settings : Settings
        Seed and time limit of the model.
    watch : Watch
        Progress, and the budget.
    efforts : mapping of str to int, default EFFORTS
        Effort of a remedy by what it acts on, from 1: the smaller one ranks first where two help as much.

    Returns
    -------
    Advice
        The same record for the same case and seed, the time apart, unless the budget ends it or Ctrl-C does.

    Raises
    ------
    UsageError
        If the submission is not the one that was assessed.
    ReliabilityError
        Whatever else a user can act on.
    """
    refuse_others(case, submission)
    with Bench(submission=submission, settings=settings) as bench, ExitStack() as stack:
        copies = Copies(Limits(timeout_s=settings.timeout_s))
        stack.callback(copies.close)
        work = stack.enter_context(at_work(case, bench, copies, watch, efforts))
        work.run()
        bench.verify_model()
    return Advice(
        case=_identity(case), by=by, finished=clock(), software=software(), platform=fingerprint(), seed=settings.seed,
        confidence=work.confidence, splits=_splits(work.stage, submission), titles=_titles(case, work.findings),
        remedies=tuple(work.told(one) for one in work.ran), findings=tuple(work.findings), budget_s=watch.budget_s,
        interrupted=work.interrupted, efforts={on: n for on, n in efforts.items() if n != EFFORTS[on]},
    )  # fmt: skip


@contextmanager
def at_work(
    case: Assessment, bench: Bench, copies: Copies, watch: Watch, efforts: Mapping[ActsOn, int] = EFFORTS
) -> "Iterator[Work]":
    """What is to be tried on a case that was measured with this bench; what it opens is ended, the copies apart."""
    submission, seed = bench.submission, bench.settings.seed
    with ExitStack() as stack:
        today = Reopening(bench.open) if submission.model is not None else None
        if today is not None:
            stack.callback(today.close)
        rows = gathered(bench, None if today is None else today.ask, seed=seed)
        stage, available = staged(case, submission, rows, None if today is None else today.ask, seed=seed)
        work = Work(case=case, stage=stage, available=available, watch=watch, copies=copies, efforts=efforts)
        stack.callback(work.close)
        yield work


def refuse_others(case: Assessment, submission: Submission) -> None:
    """Refuse a submission that is not the one that was assessed."""
    training, model = case.data.training, case.subject.model
    known = {
        submission.manifest_path.name: (case.manifest.get("sha256"), submission.manifest_sha256),
        submission.evaluation.path: (case.data.evaluation.sha256, submission.evaluation.sha256),
        "data.training": (
            None if training is None else training.sha256,
            None if submission.training is None else submission.training.sha256,
        ),
        "model": (
            None if model is None else model.sha256, None if submission.model is None else submission.model.sha256,
        ),
    }  # fmt: skip
    for name, (assessed, given) in known.items():
        if assessed != given:
            raise UsageError(
                "other_submission",
                "{name} has sha256 {given}, the case has {assessed}; name the submission that was assessed, "
                "or assess this one",
                name=name, given=str(given)[:12], assessed=str(assessed)[:12],
            )  # fmt: skip


def staged(
    case: Assessment, submission: Submission, rows: Gathered, ask: Ask | None, *, seed: int
) -> tuple[Stage, Available]:
    """What remedies are tried on, and what its checks can be given."""
    parted = split(rows.evaluation, seed=seed, trained=rows.training is not None)
    roles = rows.evaluation.roles
    available = Available(roles=roles, training=rows.training is not None, model=ask is not None)
    confidence = float(case.checklist.content["decision"]["confidence"])
    ground = Ground(
        roles=roles, answered=rows.evaluation.where(parted.learning), training=rows.training,
        model=None if submission.model is None else model_spec(submission), ask=ask, seed=seed,
    )  # fmt: skip
    stage = Stage(
        rows=rows.evaluation, split=parted, training=rows.training, ground=ground, seed=seed,
        items=items(case.findings, available, confidence=confidence),
    )  # fmt: skip
    return stage, available


class Work:
    """Remedies tried so far and findings advised on so far: what an interruption leaves."""

    def __init__(
        self, *, case: Assessment, stage: Stage, available: Available, watch: Watch, copies: Copies,
        efforts: Mapping[ActsOn, int],
    ) -> None:  # fmt: skip
        self.stage, self.watch = stage, watch
        self._copies, self._efforts = copies, efforts
        self.confidence = float(case.checklist.content["decision"]["confidence"])
        self.ran: list[Ran] = []
        self.findings: list[FindingAdvice] = []
        self.interrupted = False
        self._case = case
        self._aims = {aim.item.finding.item: aim for aim in aims(stage.items)}
        self._confirming = Confirming(stage, available, self.confidence)
        self._today: Measured = {}
        self._biased = labels_may_be_biased(stage.rows)
        self._confirmed: set[str] = set()

    def close(self) -> None:
        """End what remedies hold open."""
        for one in self.ran:
            one.close()

    def run(self) -> None:
        """Try everything, then confirm the best of every finding; what was done stays where it is interrupted."""
        known = remedies(tuple(self._aims.values()), self.stage.ground, self._copies)
        wanted = [replace(one, effort=self._efforts[one.acts_on]) for one in known]
        unmended = [one for one in self._case.findings if one.verdict in UNMENDED | {"not_assessed"}]
        self.watch.planned(len(wanted) + len(unmended))
        try:
            self._today = on_choosing(self.stage, tuple(self._aims.values()))
            self._try(wanted)
        except KeyboardInterrupt:
            self.interrupted = True
        self._leave_out(wanted, "interrupted")
        self._confirm(unmended)

    def _try(self, wanted: Sequence[Remedy]) -> None:
        for remedy in wanted:
            self._one(remedy)
        best = [[one.ran for one in self._standings(aim)[:CONFIRMED]] for aim in self._aims.values()]
        made = list(pairs(best))
        for first, second in made[: 2 * CONFIRMED]:
            if not self.watch.spent(TRYING):
                self._one(pair(first, second), parts=(first.id, second.id))

    def _one(self, remedy: Remedy, *, parts: tuple[str, ...] = ()) -> None:
        name = f"R{len(self.ran) + 1}"
        if self.watch.spent(TRYING):
            self.ran.append(Ran(id=name, remedy=remedy, why=NotTried(code="budget_spent"), parts=parts))
            return
        concerned = [aim for aim in self._aims.values() if any(map(remedy.mends_check, aim.checks))]
        self.ran.append(run(remedy, self.stage, concerned, name=name, parts=parts))
        self.watch.done(remedy.name)

    def _leave_out(self, wanted: Sequence[Remedy], code: str) -> None:
        for remedy in wanted[len(self.ran) :]:
            self.ran.append(Ran(id=f"R{len(self.ran) + 1}", remedy=remedy, why=NotTried(code=code)))

    def _standings(self, aim: Aim) -> tuple[Standing, ...]:
        return ranked(aim, self.ran, self.stage.items, self._today)

    def _confirm(self, unmended: Sequence[Finding]) -> None:
        try:
            for finding in unmended:
                spent = self.watch.spent(1.0)
                self.findings.append(self._advised(finding, "budget_spent" if spent else None))
                self.watch.done(finding.item)
        except KeyboardInterrupt:
            self.interrupted = True
        self.findings += [self._advised(finding, "interrupted") for finding in unmended[len(self.findings) :]]

    def _advised(self, finding: Finding, stopped: Unmeasured | None) -> FindingAdvice:
        aim = self._aims.get(finding.item)
        told = FindingAdvice(item=finding.item, severity=finding.severity, verdict=finding.verdict)
        if aim is None:
            return told.model_copy(update={"unmeasured": "no_number" if finding.criteria else "asked"})
        mending = [one for one in self.ran if applies(one, aim)]
        told = told.model_copy(update={
            "leading": aim.told(), "applicable": tuple(one.id for one in mending), "rows_needed": rows_needed(aim),
            "labels_may_be_biased": self._biased and rests_on_labels(aim.check),
        })  # fmt: skip
        if stopped is not None:
            return told.model_copy(update={"unmeasured": stopped})
        columns = columns_to_repair(aim, self._confirming.rows, seed=self.stage.seed)
        told = told.model_copy(update={"columns": columns})
        return told.model_copy(update=self._measured(aim, mending))

    def _measured(self, aim: Aim, mending: Sequence[Ran]) -> dict[str, Any]:
        if not mending:
            return {"unmeasured": "nothing_applies"}
        small = self._confirming.smallest_group(aim.item)
        if small is not None:
            return {"unmeasured": "too_few_in_group", "smallest_group": small}
        if all(one.changed is None for one in mending):
            return {"unmeasured": "none_tried"}
        standings = self._standings(aim)
        best = chosen(standings)
        confirmed = tuple(self._confirming.confirmed(aim, best, place) for place in range(len(best)))
        self._confirmed |= {one.remedy for one in confirmed}
        told: dict[str, Any] = {
            "confirmed": confirmed, "unmeasured": None if best else "none_helps",
            "passing": tuple(one.remedy for one in confirmed if one.verdict_after == "pass"),
        }  # fmt: skip
        if aim.check.startswith("fairness."):
            told["trade_off"] = self._confirming.points(aim, best, standings)
        return told

    def told(self, ran: Ran) -> RemedyTried:
        """A remedy as the record has it."""
        state: State = "confirmed" if ran.id in self._confirmed else "not_among_best"
        one = ran.remedy
        return RemedyTried(
            id=ran.id, name=one.name, acts_on=one.acts_on, effort=one.effort, options=dict(one.options),
            cautions=one.cautions, details={} if ran.tried is None else dict(ran.tried.details), parts=ran.parts,
            state="not_tried" if ran.why is not None else state,
            why=None if ran.why is None else Why.model_validate({"code": ran.why.code, "with": dict(ran.why.values)}),
        )  # fmt: skip


def _identity(case: Assessment) -> AdvisedCase:
    organisation, system = case.subject.organisation, case.subject.system
    return AdvisedCase(
        sha256=hashlib.sha256(canonical_json(case)).hexdigest(), organisation=str(organisation.get("name", "")),
        registration=str(organisation.get("registration", "")), system=str(system.get("name", "")),
        version=str(system.get("version", "")), checklist=case.checklist.id, checklist_version=case.checklist.version,
        evaluation_sha256=case.data.evaluation.sha256, seed=case.seed,
    )  # fmt: skip


def _splits(stage: Stage, submission: Submission) -> Splits:
    parted = stage.split
    return Splits(
        fit=int(parted.fit.sum()), choose=int(parted.choose.sum()), confirm=int(parted.confirm.sum()),
        of=submission.evaluation.rows, by_entity=stage.rows.entity is not None,
        training=0 if stage.training is None else stage.training.n,
        training_of=0 if submission.training is None else submission.training.rows,
    )  # fmt: skip


def _titles(case: Assessment, findings: Sequence[FindingAdvice]) -> dict[str, dict[str, str]]:
    named = {one.item for one in findings}
    named |= {effect.item for one in findings for each in one.confirmed for effect in each.effects}
    listed = [item for section in case.checklist.content["sections"] for item in section["items"]]
    return {item["id"]: dict(item.get("title") or item["requirement"]) for item in listed if item["id"] in named}
