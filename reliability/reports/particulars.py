"""What a measurement is about, beyond its number: which part, which features, compared with what."""

from collections.abc import Iterator, Sequence

from reliability.records import CriterionResult, Json, Measurement
from reliability.reports import figures
from reliability.reports.levels import level_text
from reliability.words.text import Words

MOST_FEATURES = 3
MOST_ROWS = 5
# Which columns, and which rows, are what these found; elsewhere they are a list of all, or stand in a picture.
_OF_COLUMNS = ("data_quality.", "drift.", "explanation.", "robustness.monotonicity_", "robustness.unit_slip_")
_TOLD_ELSEWHERE = frozenset({"data_quality.value_completeness", "explanation.unused_features"})
_OF_ROWS = ("data_quality.", "leakage.")
PARTS = {  # the rows that a rate of equalised odds counts are those of its own difference
    "true_positive_rate": "fairness.true_positive_rate_difference",
    "false_positive_rate": "fairness.false_positive_rate_difference",
}


def particulars(result: CriterionResult, words: Words) -> tuple[str, ...]:
    """Sentences on what the measurements of a criterion found, each once."""
    told = [text for found in result.measurements for text in _told(found, words)]
    return tuple(dict.fromkeys([*told, *_worse_rates(result.measurements, words)]))


def worse_rate(found: Measurement) -> str:
    """Which rate of equalised odds the groups shown are those of; empty for any other measurement."""
    parts: Sequence[dict[str, Json]] = found.details.get("parts") or ()
    return next((str(part["rate"]) for part in parts if part["groups"] == found.details.get("groups")), "")


def _told(found: Measurement, words: Words) -> Iterator[str]:
    details, lang = found.details, words.lang
    if details.get("slice") and found.value is not None:
        value, overall = (figures.number(details[name], "share", lang) for name in ("slice_value", "overall"))
        part = " × ".join(_condition(one, words) for one in details["slice"])
        yield words.text(
            "report.weakest_slice", part=part, value=value, overall=overall, n=figures.count(details["slice_n"])
        )
    if found.check == "fairness.barred_inputs" and details.get("names"):
        yield words.text("report.barred_names", names=", ".join(details["names"]))
    if found.check == "fairness.undeclared_grounds" and details.get("names"):
        yield words.text("report.undeclared_names", names=", ".join(details["names"]))
    if found.check == "fairness.proxy_auc" and details.get("features"):
        yield words.text("report.proxies", by=" × ".join(found.by), features=_features(details["features"], words))
    if found.check == "leakage.single_feature_auc" and details.get("column"):
        yield words.text("report.single_feature", column=details["column"])
    if found.check in ("privacy.identifier_columns", "privacy.training_identifier_columns"):
        yield from _identifiers(details, words)
    if {"model", "other"} <= details.keys():
        model, other = (figures.number(details[name], "share", lang) for name in ("model", "other"))
        yield words.text("report.compared_with", model=model, other=other)
    yield from _culprits(found, words)


def _culprits(found: Measurement, words: Words) -> Iterator[str]:
    """The period, the columns and the rows that a number comes from, the most conspicuous first; no values."""
    details = found.details
    if found.value is None or found.check in _TOLD_ELSEWHERE:
        return
    if "period" in details and "first" in details:
        yield words.text("report.period", period=str(details["period"]), first=str(details["first"]))
    listed: Sequence[Json] = next(
        (details[key] for key in ("columns", "features") if isinstance(details.get(key), list)), []
    )
    if "period" in details and "column" in details:
        listed = [{"column": details["column"]}]
    apart = (one for one in listed if isinstance(one, dict) and "column" in one and one.get("value") != 0)
    names = list(dict.fromkeys(str(one["column"]) for one in apart))
    if names and found.check.startswith(_OF_COLUMNS):
        yield words.text("report.columns", columns=", ".join(names[:MOST_FEATURES]))
    positions = details.get("positions")
    if isinstance(positions, list) and positions and found.check.startswith(_OF_ROWS):
        shown = ", ".join(figures.count(one) for one in positions[:MOST_ROWS])
        yield words.text("report.positions", positions=shown)


def _identifiers(details: dict[str, Json], words: Words) -> Iterator[str]:
    """Which columns hold which identifiers, and how many cells: nothing of what they hold."""
    for part in ("columns", "unclear", "businesses"):
        told = [
            words.text(
                "report.identifier",
                column=one["column"],
                kind=words.text(f"identifier.{one['kind']}"),
                n=figures.count(one["cells"]),
            )
            for one in details.get(part) or ()
        ]
        if told:
            yield words.text(f"report.identifiers.{part}", found=", ".join(told))


def _worse_rates(measurements: Sequence[Measurement], words: Words) -> Iterator[str]:
    """Of each rate of equalised odds, for which attributes it is the one that differs more."""
    for rate in PARTS:
        by = [" × ".join(found.by) for found in measurements if worse_rate(found) == rate]
        if by:
            yield words.text("report.worse_rate", by=", ".join(by), rate=words.text(f"rate.{rate}"))


def _condition(one: dict[str, Json], words: Words) -> str:
    """One feature at a value, or in a band from an edge to under the next."""
    if "level" in one:
        return f"{one['column']} = {level_text(one['level'], words, band=False)}"
    low, high = one["low"], one["high"]
    below = "" if high is None else f" < {high:g}"
    if low is None:
        return f"{one['column']}{below}"
    return f"{low:g} ≤ {one['column']}{below}"


def _features(listed: Sequence[dict[str, Json]], words: Words) -> str:
    leading = listed[:MOST_FEATURES]
    return ", ".join(f"{one['column']} {figures.number(one['value'], 'auc', words.lang)}" for one in leading)
