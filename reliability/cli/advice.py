"""What `advise` runs, keeps and shows: for every finding the remedies that were confirmed, the best first."""

import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any, NoReturn

from reliability.advice import (
    RECORD,
    Advice,
    Confirmed,
    Engagement,
    FindingAdvice,
    NumberChange,
    RemedyTried,
    RowsNeeded,
)
from reliability.advise.advising import Watch, advise, refuse_others
from reliability.advise.remedies import EFFORTS
from reliability.bench import Settings
from reliability.case import new_case
from reliability.cli.clock import now
from reliability.cli.hanging import hang
from reliability.cli.screen import progress
from reliability.cli.terminal import MARKS
from reliability.cli.writing import believed
from reliability.errors import RecordError, UsageError
from reliability.records import Assessment, Measurement, Number, canonical_json
from reliability.reports import figures
from reliability.reports.advice import wanted
from reliability.reports.levels import level_text
from reliability.reports.mending import times_needed
from reliability.reports.statements import check_title
from reliability.submission.answers import refuse_unstorable
from reliability.words.text import Words
from reliability.worker.handing_in import handed_in


def place_of(case: Path) -> Path:
    """The folder for the advice on a case, where none is named."""
    folder = case if case.is_dir() else case.parent
    named = folder.resolve()
    # Of "." and ".." only the whole path has a name to lie beside.
    beside = named if folder.name in ("", "..") else folder
    return beside.with_name(f"{named.name}-advice")


def advised(
    case: Path,
    submission: Path,
    out: Path,
    said: Words,
    *,
    by: str | None,
    engagements: Path,
    budget: float | None,
    efforts: Sequence[tuple[Any, int]],
    seed: int,
    timeout: float,
    private_endpoint: bool,
) -> Advice:
    """Advise on a case and leave the record in `out`, complete or absent; whoever advises is written down."""
    started = monotonic()
    if by is not None:
        _refuse_no_name(by)
    with new_case(out) as folder, progress() as bars:
        steps = bars.add_task(said.text("cli.progress.remedies"), total=None)
        assessment = believed(case)
        handed = handed_in(submission)
        refuse_others(assessment, handed)
        if by:
            append_engagement(engagements, engagement(assessment, by))
        watch = Watch(
            planned=lambda n: bars.update(steps, total=n),
            done=lambda _name: bars.advance(steps),
            spent=_spent(started, budget),
            budget_s=budget,
        )
        settings = Settings(seed=seed, timeout_s=timeout, private_endpoint=private_endpoint)
        with on_stopping(lambda: bars.update(steps, description=said.text("cli.progress.stopping"))):
            advice = advise(assessment, handed, by=by, clock=now, settings=settings, watch=watch,
                            efforts={**EFFORTS, **dict(efforts)})  # fmt: skip
        (folder / RECORD).write_bytes(canonical_json(advice))
    return advice


@contextmanager
def on_stopping(told: Callable[[], None]) -> Iterator[None]:
    """Have it told when the work is asked to stop: what was tried is still measured, which takes its time."""

    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        told()
        raise KeyboardInterrupt

    # What is ignored, as in the background, stays so.
    heard = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    heard = {one: handler for one, handler in heard.items() if handler is not signal.SIG_IGN}
    for one in heard:
        signal.signal(one, stop)
    try:
        yield
    finally:
        for one, handler in heard.items():
            signal.signal(one, handler)


def _refuse_no_name(by: str) -> None:
    # Certification reads whatever is written down here: a line without a name would stop it.
    if not by.strip():
        raise UsageError("adviser_unnamed", "--by: no name; say who advises")
    refuse_unstorable(by, where="--by", key="by")


def _spent(started: float, budget: float | None) -> Callable[[float], bool]:
    return lambda share: budget is not None and monotonic() - started > share * budget


def engagement(case: Assessment, person: str) -> Engagement:
    """That somebody advises on the product of a case today."""
    organisation = case.subject.organisation
    return Engagement(
        organisation=str(organisation.get("registration") or organisation.get("name", "")),
        system=str(case.subject.system.get("name", "")), person=person, date=now().date().isoformat(),
    )  # fmt: skip


def append_engagement(path: Path, one: Engagement) -> None:
    """Add a line to the engagements; a line that was cut short is ended first."""
    line = canonical_json(one) + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size and not path.read_bytes().endswith(b"\n"):
            line = b"\n" + line
        # In one write: several may append at a time.
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)
    except OSError as refused:
        raise RecordError(
            "engagements_not_written", "{path}: the engagement could not be written ({why}); nobody was advised",
            path=str(path), why=refused.strerror,
        ) from refused  # fmt: skip


def show_advice(advice: Advice, said: Words) -> None:
    """For every finding that was measured its remedies; then what could not be tried, and what to know."""
    tried = {one.id: one for one in advice.remedies}
    splits = advice.splits
    hang("", f"{advice.case.system} {advice.case.version} · {advice.case.checklist}", style="bold")
    hang("", said.text("cli.advise.rows", fit=f"{splits.training or splits.fit:,}", choose=f"{splits.choose:,}",
                       confirm=f"{splits.confirm:,}"))  # fmt: skip
    hang("", said.text("cli.level", level=figures.percent(advice.confidence)))
    for finding in advice.findings:
        if finding.leading is not None:
            _show_finding(finding, advice, tried, said)
    _show_untried(advice, said)
    without = [one.item for one in advice.findings if one.leading is None]
    if without:
        hang("", "")
        hang("", said.text("cli.advise.without", items=", ".join(without)))
    if advice.interrupted:
        hang("! ", said.text("cli.advise.interrupted"), style="yellow")


def _show_finding(finding: FindingAdvice, advice: Advice, tried: dict[str, RemedyTried], said: Words) -> None:
    mark, style = MARKS[finding.verdict]
    title = advice.titles.get(finding.item, {}).get(said.lang, "")
    hang("", "")
    head = f"{mark} {said.text(f'verdict.{finding.verdict}')}  {finding.item}  "
    hang(head, f"[{said.text(f'severity.{finding.severity}')}] {title}", style=style)
    for one in finding.confirmed:
        _show_confirmed(one, finding, tried, said)
    for line in _remarks(finding, advice.splits.of, said):
        hang("  ", line)


def _show_confirmed(one: Confirmed, finding: FindingAdvice, tried: dict[str, RemedyTried], said: Words) -> None:
    remedy = tried[one.remedy]
    verdict = f"{MARKS[one.verdict_after][0]} {said.text(f'verdict.{one.verdict_after}')}"
    name = remedy_name(remedy, tried, said)
    hang(f"  {one.rank}. ", f"[{remedy.id}] {name} ({said.text('advise.effort', n=remedy.effort)}) → {verdict}",
         style=MARKS[one.verdict_after][1])  # fmt: skip
    for number in one.numbers:
        if _is_leading(number, finding):
            hang("     ", _number_text(number, said))
    for line in _effect_lines(one, said):
        hang("     ", line)
    for caution in remedy.cautions:
        hang("     ! ", said.text(f"advise.caution.{caution}"), style="yellow")


def remedy_name(remedy: RemedyTried, tried: dict[str, RemedyTried], said: Words) -> str:
    """A remedy in words, with what tells it from others of its name."""
    if remedy.parts:
        return " + ".join(remedy_name(tried[part], tried, said) for part in remedy.parts if part in tried)
    told = [
        said.text(f"advise.option.{value}")
        for key, value in remedy.options.items()
        if key in ("way", "parity", "constraint")
    ]
    told += [", ".join(map(str, value)) for key, value in remedy.options.items() if key in ("attributes", "columns")]
    name = said.text(f"advise.remedy.{remedy.name}")
    return f"{name}: {'; '.join(one for one in told if one)}" if any(told) else name


def _is_leading(number: NumberChange, finding: FindingAdvice) -> bool:
    leading, one = finding.leading or {}, number.before
    named = {"criterion": number.criterion, "check": one.check, "by": list(one.by), "slice": dict(one.slice)}
    return all(leading.get(key) == value for key, value in named.items()) and leading.get("of") == one.of


def _number_text(number: NumberChange, said: Words) -> str:
    before, after = number.before, number.after
    told = f"{_titled(before, said)}: {_value(before, said)} → {_value(after, said)}"
    told += f"{_other_level(after.confidence, before.confidence)}, n = {after.n:,}"
    if number.assessed is not None:
        told += f"; {said.text('cli.advise.assessed')} {_value(number.assessed, said)}"
    gain = number.gain
    if gain is not None and gain.low is not None and gain.high is not None:
        ends = [figures.number(end, _points(after.unit), said.lang, beside=(0,)) for end in (gain.low, gain.high)]
        value = figures.number(gain.value, _points(after.unit), said.lang, beside=(0,))
        told += f"; {said.text('cli.advise.gain')} {value} [{' – '.join(ends)}]"
        told += _other_level(gain.confidence, before.confidence)
    return told


def _titled(one: Measurement | RowsNeeded, said: Words) -> str:
    """A number by its check, and the group or the attributes that it is of."""
    where = _group(one.slice, said) if one.slice else " × ".join(one.by)
    return " · ".join(part for part in (check_title(one.check, said), where) if part)


def _group(groups: Mapping[str, Any], said: Words) -> str:
    """A group by its attributes: a level such as "55-" tells nothing without."""
    return " × ".join(f"{name} = {level_text(level, said, band=False)}" for name, level in sorted(groups.items()))


def _points(unit: str) -> str:
    return "difference" if unit == "share" else unit


def _other_level(confidence: Number | None, usual: Number | None) -> str:
    """The confidence of an interval that is not held at the usual one: of several remedies each has to be surer."""
    return "" if confidence in (None, usual) else f" ({figures.percent(round(float(confidence or 0), 4))})"


def _value(one: Measurement, said: Words) -> str:
    if one.value is None:
        return said.text("report.not_measured")
    ends = figures.interval(one, said.lang)
    value = figures.number(one.value, one.unit, said.lang)
    return f"{value} [{ends}]" if ends else value


def _effect_lines(one: Confirmed, said: Words) -> Iterator[str]:
    decisions = one.decisions
    if decisions is not None and (decisions.changed or decisions.handed_over):
        yield said.text("cli.advise.decisions", changed=f"{decisions.changed:,}", n=f"{decisions.n:,}",
                        to=f"{decisions.to_favourable:,}", off=f"{decisions.from_favourable:,}")  # fmt: skip
    if decisions is not None and decisions.handed_over:
        yield said.text("cli.advise.handed_over", n=f"{decisions.handed_over:,}")
    for effect in one.effects:
        if effect.before != effect.after:
            words = [said.text(f"verdict.{verdict}") for verdict in (effect.before, effect.after)]
            yield f"{effect.item}: {' → '.join(words)}"
    if one.not_measured:
        yield said.text("cli.advise.not_measured", n=len(one.not_measured))


def _remarks(finding: FindingAdvice, rows: int, said: Words) -> Iterator[str]:
    """What is to be known of a finding beside its remedies; more rows are told of all that were evaluated."""
    if finding.unmeasured is not None:
        where = (finding.smallest_group or {}).get("slice")
        label = f": {_group(where, said)}" if where else ""
        yield said.text(f"advise.unmeasured.{finding.unmeasured}", group=label)
    elif not finding.passing:
        yield said.text("advise.none_passes")
    for one in finding.rows_needed:
        factor = times_needed(one)
        key = f"advise.rows_{one.why or 'at_limit'}" if factor is None else "advise.rows_needed"
        yield said.text(key, check=_titled(one, said), n=wanted(float((factor or 0) * rows), rows), now=f"{rows:,}")
    for column in [one for one in finding.columns if one.helps is not False][:3]:
        yield said.text("advise.repair", column=column.column, cells=f"{column.cells:,}")
    if finding.labels_may_be_biased:
        yield said.text("advise.biased_labels")


def _show_untried(advice: Advice, said: Words) -> None:
    untried = [one for one in advice.remedies if one.why is not None]
    if not untried:
        return
    hang("", "")
    hang("", said.text("cli.advise.untried"), style="bold")
    tried = {one.id: one for one in advice.remedies}
    together: dict[str, list[str]] = {}
    for one in untried:
        together.setdefault(why_text(one, said), []).append(remedy_name(one, tried, said))
    for why, names in together.items():
        hang("  ", f"{why.rstrip('.')}:")
        for name in dict.fromkeys(names):
            hang("    – ", name)


def why_text(remedy: RemedyTried, said: Words) -> str:
    """Why a remedy was not tried."""
    why = remedy.why
    if why is None:
        return ""
    try:
        return said.first(f"advise.not_tried.{why.code}", f"reason.{why.code}").format(**why.with_) or why.code
    except KeyError:  # a record of another version does not say what these words say
        return why.code
