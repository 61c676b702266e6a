"""Whether the model's answers rest on a sensitive attribute that it is given, or is barred from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from reliability.blocks import BLOCK_ROWS, Bools, Column, Groups, Ints, Label
from reliability.checks.fairness.names import Words, names_that_say
from reliability.checks.requirements import AtLeastOne, require_at_least, require_classes
from reliability.checks.sampled import share_interval
from reliability.errors import NotMeasurable
from reliability.evidence.levels import level_key
from reliability.evidence.probe import GroupProbe, Probe
from reliability.evidence.sample import Sample
from reliability.records import Measurement, Reason


def counterfactual_flip_rate(
    group_probe: GroupProbe,
    *,
    sample_size: AtLeastOne = 5000,
    levels: AtLeastOne = 10,
    confidence: float = 0.95,
    seed: int = 0,
) -> Measurement:
    """Share of rows whose predicted label changes when only the sensitive attribute is set to another value.

    Parameters
    ----------
    group_probe : GroupProbe
        Sampled rows, the model's answers to them, the way to ask it again, and the attributes.
    sample_size : int, default 5000
        Most rows asked about.
    levels : int, default 10
        Most values, the commonest, that the attribute is set to.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the values drawn for quantities.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 0 is best. `details.replacements` has the rows asked and changed for every value set.

    Raises
    ------
    NotMeasurable
        `needs_classification` or `no_rows`.
    ChecklistError
        If `sample_size` or `levels` is below 1.

    Notes
    -----
    Share = (rows with f(x) != f(x with a := a') for some replacement a') / rows; everything else stays. Text, yes/no
    and numbers of at most `levels` values are set to every other value that occurs; banded quantities to the
    value of a random row of every other band, other quantities to that of a random row with another value. Of
    several attributes one is replaced at a time. An attribute that the model is not given cannot change an answer
    directly: then the value is 0 by construction, and says nothing of proxies. Clopper-Pearson interval; with
    entities at the effective number of rows.

    References
    ----------
    Galhotra, S., Brun, Y. and Meliou, A. (2017), ESEC/FSE, 498-510 (causal discrimination score);
    Kusner, M. J. et al. (2017), NeurIPS, 4066-4076 (counterfactual fairness, which also moves what follows from a).
    """
    require_at_least("sample_size", sample_size, 1)
    require_at_least("levels", levels, 1)
    probe = group_probe.probe.smaller(sample_size)
    sample = probe.sample
    require_classes(sample.roles, sample.n)
    given = [name for name in group_probe.attributes if name in sample.roles.features]
    details: dict[str, Any] = {"of_n": sample.of_n}
    if not given:
        return Measurement(
            value=0.0, n=sample.n, unit="share", reason=Reason(code="not_an_input"), details=details
        )  # fmt: skip
    draws = np.random.default_rng(seed)
    replacements = [one for name in given for one in _replacements(sample, name, levels, draws)]
    if not replacements:
        reason = Reason.model_validate({"code": "fewer_than_two_groups", "with": {"by": list(group_probe.attributes)}})
        return Measurement.unjudged(None, n=sample.n, unit="share", reason=reason, details=details)
    flips = [one.rows[changed] for one, changed in zip(replacements, _changed(probe, replacements), strict=True)]
    flipped = np.zeros(sample.n, np.bool_)
    flipped[np.concatenate(flips)] = True
    interval, method = share_interval(flipped, sample.entity, confidence=confidence)
    listed = [one.listed(len(rows)) for one, rows in zip(replacements, flips, strict=True)]
    details |= {"changed": int(np.count_nonzero(flipped)), "replacements": listed}
    return Measurement.within(
        float(np.mean(flipped)), interval, n=sample.n, unit="share", method=method, details=details
    )  # fmt: skip


def barred_inputs(sample: Sample, *, words: Words, apart_from: tuple[str, ...] = (), law: str = "") -> Measurement:
    """Number of features whose names say that they must not be used.

    Parameters
    ----------
    sample : Sample
        Rows with the names of the features.
    words : tuple of str
        What must not be used, in the words that a column would be named by; spaces join parts.
    apart_from : tuple of str, default ()
        What a name may say and mean something else: a feature that says one of these is left out.
    law : str, default ''
        What bars it, for the record.

    Returns
    -------
    Measurement
        Features, from 0, which is best, to their number n. `details.names` lists them.

    Raises
    ------
    NotMeasurable
        `no_features` where the model is given none.
    ChecklistError
        If there is no word, or one without a letter or digit.

    Notes
    -----
    Names are compared after NFKC and case folding. Parts are what separators, digits and a change to a capital
    divide. A word matches neighbouring parts that spell it, with or without a final s: `birthplace` is in
    `birth_place` and `birthPlace`, `height` in `height_cm` and not in `weighted`. A word in Hangul matches
    wherever it stands in a name without its separators; one of a single syllable only as a whole part. A column
    whose name says nothing of what it holds is not found.

    References
    ----------
    Fair Hiring Procedure Act (Republic of Korea), article 4-3; Equal Credit Opportunity Act, 12 CFR 1002.6(b) (United
    States): laws that bar what may be asked or used.
    """
    features = sample.roles.features
    if not features:
        raise NotMeasurable("no_features")
    found = names_that_say(words, features, apart_from=apart_from, check="fairness.barred_inputs")
    details: dict[str, Any] = {"names": found} | ({"law": law} if law else {})
    return Measurement(
        value=len(found), n=len(features), unit="columns", method="exact", reason=Reason(code="whole_file"),
        details=details,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class _Replacement:
    """One attribute set to other values in some of the rows; `to` names the value or the band."""

    attribute: str
    to: Label | None
    rows: Ints
    values: npt.NDArray[Any]  # of these rows

    def listed(self, changed: int) -> dict[str, Any]:
        """As the record has it."""
        return {"attribute": self.attribute, "to": self.to, "n": len(self.rows), "changed": changed}


def _replacements(sample: Sample, name: str, most: int, draws: np.random.Generator) -> Iterator[_Replacement]:
    column, groups = sample.columns[name], sample.groups[name]
    number = column.kind in ("f8", "i8")
    if number and any(isinstance(level, str) for level in groups.levels):
        yield from _other_bands(name, column, groups, most, draws)
        return
    present = column.values[~column.missing]
    values, counts = np.unique(present, return_counts=True)
    if number and len(values) > most:
        yield _another_value(name, column, draws)
        return
    labels = [column.levels[value] if column.kind == "utf8" else value.item() for value in values]
    # The commonest first; among equals in natural order, so that no coding of text shows.
    order = sorted(range(len(values)), key=lambda at: (-int(counts[at]), level_key((labels[at],))))
    for at in order[:most]:
        rows = np.flatnonzero(column.missing | (column.values != values[at]))
        if len(rows):
            yield _Replacement(attribute=name, to=labels[at], rows=rows, values=np.full(len(rows), values[at]))


def _other_bands(
    name: str, column: Column, groups: Groups, most: int, draws: np.random.Generator
) -> Iterator[_Replacement]:
    codes, sizes = np.unique(groups.codes[groups.codes >= 0], return_counts=True)
    for code in codes[np.lexsort((codes, -sizes))][:most].tolist():
        rows, donors = np.flatnonzero(groups.codes != code), np.flatnonzero(groups.codes == code)
        if len(rows):
            drawn = column.values[draws.choice(donors, len(rows))]
            yield _Replacement(attribute=name, to=groups.levels[code], rows=rows, values=drawn)


def _another_value(name: str, column: Column, draws: np.random.Generator) -> _Replacement:
    """Every row with the value of a random row that has another one."""
    ordered = np.sort(column.values[~column.missing])
    first, after = (np.searchsorted(ordered, column.values, side=side) for side in ("left", "right"))
    same = np.where(column.missing, 0, after - first)
    # Drawn among the others: places from the row's own values on are moved behind them.
    drawn = draws.integers(len(ordered) - same)
    place = np.where((drawn >= first) & ~column.missing, drawn + same, drawn)
    return _Replacement(attribute=name, to=None, rows=np.arange(len(column)), values=ordered[place])


def _changed(probe: Probe, replacements: Sequence[_Replacement]) -> Iterator[Bools]:
    """For every replacement: which of its rows get another label. Asked together, as many rows at a time as a block."""
    rows = np.concatenate([one.rows for one in replacements])
    labels = [_asked(probe, replacements, rows, part) for part in _pieces(len(rows))]
    changed = np.concatenate(labels) != probe.answers.labels[rows]
    yield from np.split(changed, np.cumsum([len(one.rows) for one in replacements])[:-1])


def _pieces(n: int) -> Iterator[slice]:
    return (slice(start, start + BLOCK_ROWS) for start in range(0, n, BLOCK_ROWS))


def _asked(probe: Probe, replacements: Sequence[_Replacement], rows: Ints, part: slice) -> Any:
    columns = {name: column.take(rows[part]) for name, column in probe.sample.columns.items()}
    owner = np.repeat(np.arange(len(replacements)), [len(one.rows) for one in replacements])[part]
    starts = np.cumsum([0, *(len(one.rows) for one in replacements)])
    for index in np.unique(owner).tolist():
        one, mine = replacements[index], owner == index
        columns[one.attribute] = _put(columns[one.attribute], one.values, mine, part.start - int(starts[index]))
    return probe.ask(columns).labels


def _put(column: Column, values: npt.NDArray[Any], where: Bools, offset: int) -> Column:
    """The column with the replacement's values in the rows where it applies."""
    chosen = np.flatnonzero(where)
    filled, missing = column.values.copy(), column.missing.copy()
    filled[chosen], missing[chosen] = values[chosen + offset], False
    return replace(column, values=filled, missing=missing)
