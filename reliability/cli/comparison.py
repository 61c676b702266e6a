"""What `compare` shows and writes: inputs and answers first, what is worse last, so that it stays on the screen."""

from collections.abc import Mapping
from pathlib import Path

from reliability.advice import read_advice
from reliability.changes import Claim, Comparison
from reliability.cli.hanging import hang
from reliability.cli.saving import write_whole
from reliability.cli.saying import tell
from reliability.cli.screen import one_line, working
from reliability.cli.terminal import MARKS
from reliability.cli.writing import FORMATS, Format, believed
from reliability.compare.cases import case_of
from reliability.compare.comparison import compare
from reliability.compare.promises import promises
from reliability.errors import UsageError
from reliability.reports.comparison import ComparisonView, comparison_view
from reliability.reports.comparison_inputs import ChangeLine
from reliability.reports.comparison_measurements import ClaimGroup, MeasurementLine
from reliability.reports.comparison_pages import render_comparison
from reliability.reports.comparison_promises import PromisesView
from reliability.reports.figures import percent
from reliability.words.text import Words

# Shape first, colour second, word always.
PROMISE_MARKS: Mapping[bool | None, tuple[str, str]] = {
    True: ("●", "bold green"), False: ("◆", "bold red"), None: ("–", ""),
}  # fmt: skip
CLAIM_MARKS: Mapping[Claim, tuple[str, str]] = {
    "worse": ("▼", "bold red"), "better": ("▲", "bold green"), "moved": ("◆", "bold"), "not_shown": ("○", ""),
    "untested": ("–", ""), "same": ("=", ""),
}  # fmt: skip


def compared(
    before: Path, after: Path, *, output: Path | None, form: Format | None, advice: Path | None = None,
    applied: str | None = None,
) -> Comparison:  # fmt: skip
    """The comparison of two cases; what cannot be written is refused before anything is read."""
    if output is not None:
        _format(output, form)
    if (advice is None) != (applied is None):
        raise UsageError(
            "advice_and_applied",
            "--advice and --applied go together: which advice, and which of its remedies; the number of each "
            "(R2 for instance) stands beside it in what 'advise' prints and in the consulting report",
        )
    cases = [case_of(believed(path), path) for path in (before, after)]
    found = compare(*cases)
    if advice is None or applied is None:
        return found
    return found.model_copy(update={"promises": promises(read_advice(advice), applied, *cases)})


def _format(output: Path, form: Format | None) -> Format:
    found = form or FORMATS.get(output.suffix.lower())
    if found is None:
        raise UsageError("format_unknown", "{output}: name it .pdf or .html, or give --format", output=str(output))
    return found


def write_comparison(comparison: Comparison, output: Path, said: Words, *, form: Format | None) -> None:
    """Write the comparison as a document."""
    with working(said.text("cli.compare.writing")):
        write_whole(output, render_comparison(comparison, lang=said.lang, format=_format(output, form)))
    tell(said.text("cli.written", path=str(output)))


def show_comparison(comparison: Comparison, said: Words) -> None:
    """What changed, in words: a line each, wrapped under itself on a terminal."""
    view = comparison_view(comparison, said)
    hang("", view.cover.subtitle, style="bold")
    for warning in view.warnings:
        hang("! ", warning, style="yellow")
    if comparison.identical:
        hang("", said.text("cli.compare.identical"))
        show_promises(view.promises, said)
        return
    hang("", said.text("cli.level", level=percent(comparison.confidence)))
    _show_inputs(view, said)
    _show_answers(view, said)
    _show_verdicts(view, said)
    _show_measured(view, said)
    hang("")
    for sentence in (view.unchanged, *view.sentences):
        if sentence:
            hang("", sentence)
    show_promises(view.promises, said)
    hang("", f"{said.text('cli.outcome')}: {view.before.outcome_word} → {view.after.outcome_word}", style="bold")


def show_promises(view: PromisesView | None, said: Words) -> None:
    """Which promises of the remedy that was applied were kept."""
    if view is None:
        return
    hang("")
    hang("", said.text("cli.compare.promises"), style="bold")
    for one in view.lines:
        mark, style = PROMISE_MARKS[one.kept]
        told = said.text("cli.compare.promised", promised=one.promised, found=one.found)
        within = said.text("cli.compare.within", range=one.range) if one.range else ""
        hang(f"  {mark} {one.word}  {one.item}  ", f"{one.name}: {told}{within}", style=style)
    hang("  ", view.sum)


def _heading(key: str, said: Words) -> None:
    hang("")
    hang("", said.text(f"compare.section.{key}"), style="bold")


def _show_inputs(view: ComparisonView, said: Words) -> None:
    if not view.inputs and not view.only:
        return
    _heading("inputs", said)
    for group in view.inputs:
        for line in group.lines:
            name = " · ".join(part for part in (group.title, line.name) if part)
            hang(f"  {name}: ", _both(line))
    for row in view.only:
        hang(f"  {row.name}: ", one_line(row.text))


def _both(line: ChangeLine) -> str:
    told = [one_line(text) for text in (line.before, line.after) if text]
    return " → ".join(told)


def _show_answers(view: ComparisonView, said: Words) -> None:
    if not view.answers:
        return
    _heading("answers", said)
    for one in view.answers:
        told = one.before if one.before == one.after else f"{one.before} → {one.after}"
        details = "; ".join(one_line(text) for text in one.details)
        hang(f"  {one.item}  ", f"{told}  {one.title}{f' ({details})' if details else ''}")
    if view.more_answers:
        hang("  ", view.more_answers)


def _show_verdicts(view: ComparisonView, said: Words) -> None:
    if not view.verdicts:
        return
    _heading("verdicts", said)
    for one in view.verdicts:
        before, after = (f"{MARKS[verdict][0]} {word}" for verdict, word in (
            (one.before, one.before_word), (one.after, one.after_word),
        ))  # fmt: skip
        hang(f"  {one.item}  ", f"{before} → {after}  [{one.severity}] {one.title}")


def _show_measured(view: ComparisonView, said: Words) -> None:
    if not view.measured:
        return
    _heading("measured", said)
    for group in reversed(view.measured):
        hang("  ", f"{group.heading}{f': {group.why}' if group.why else ''}")
        for line in group.lines:
            _show_line(group, line, said)
        if group.more:
            hang("    ", group.more)


def _show_line(group: ClaimGroup, line: MeasurementLine, said: Words) -> None:
    mark, style = CLAIM_MARKS[group.claim]
    before, after = (
        f"{value}{f' [{interval}]' if interval else ''}"
        for value, interval in ((line.before, line.before_interval), (line.after, line.after_interval))
    )
    difference = f"{line.of} {line.difference}" if line.difference else ""
    difference += f" [{line.interval}]" if line.interval else ""
    limit = f"{said.text('cli.limit')} {line.limit}" if line.limit else ""
    told = "; ".join(
        part for part in (f"{before} → {after}", difference, line.p_value, limit, line.n, *line.notes) if part
    )
    word = "" if group.why else f"{line.word}  "
    hang(f"    {mark} {word}{line.items}  ", f"{line.name}  {told}", style=style)
