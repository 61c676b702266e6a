"""Whether the data name people: numbers, telephones and addresses that identify them directly."""

from typing import Any

from scipy.special import bdtrc

from reliability.errors import NotMeasurable
from reliability.evidence.personal_identifiers import Found, PersonalIdentifiers
from reliability.records import Measurement, Reason

# How likely what has the shape of a kind passes by chance: one check digit in ten, or prefixes among all.
_CHANCES = {
    "business_number": 0.1,
    "card_number": 0.1,
    "corporation_number": 0.1,
    "driving_licence": 0.18,
    "email_address": 0.0,
    "foreigner_number": 0.1,
    "passport_number": 0.2,
    "phone_number": 0.05,
    "resident_number": 0.1,
}
# These identify businesses, and are published: listed, not counted.
_OF_BUSINESSES = frozenset({"business_number", "corporation_number"})
# Rounding leaves 0.1 * 0.1 just above 0.01.
_LIKELY_BY_CHANCE = 0.01 + 1e-12
_LEAST_SHARE, _TIMES_CHANCE = 0.25, 2.5


def identifier_columns(personal_identifiers: PersonalIdentifiers) -> Measurement:
    """Columns of the evaluation data in which numbers, telephones or addresses identify people directly.

    Parameters
    ----------
    personal_identifiers : PersonalIdentifiers
        What every column but the outcomes holds of every kind of identifier.

    Returns
    -------
    Measurement
        Columns, from 0; 0 is best. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_rows`.

    Notes
    -----
    Looked for: resident and foreigner registration numbers (birth date and check digit), payment cards (prefix and
    Luhn's check digit), telephone numbers, driving licences and new passports of Korea, and e-mail addresses; numbers
    of businesses and corporations are listed under `businesses` and not counted. A column is named for a kind if so
    many of the distinct values of its shape pass that chance alone would do it in less than 1 % (binomial, one value
    in ten passing a check digit), and at least a quarter of them or 2.5 times chance: so two at least, but one e-mail
    address is enough. Columns with fewer are under `unclear`: one value may be chance, and registration numbers
    issued since October 2020 have no check digit that fits. Names, postal addresses, accounts, and older passports,
    which no shape tells from other text, are not looked for. Columns and counts only: no value, and no place.

    References
    ----------
    ISO/IEC 5259-2:2024, Idn-ML-1 (identifiability ratio);
    Personal Information Protection Act of Korea, Articles 24 and 24-2 (unique identifiers);
    ISO/IEC 7812-1:2017, annex B (Luhn formula).
    """
    return _columns(personal_identifiers)


def training_identifier_columns(training_personal_identifiers: PersonalIdentifiers) -> Measurement:
    """Columns of the training data in which numbers, telephones or addresses identify people directly.

    Parameters
    ----------
    training_personal_identifiers : PersonalIdentifiers
        What every column of the training data but the outcomes holds of every kind of identifier.

    Returns
    -------
    Measurement
        Columns, from 0; 0 is best. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_rows`.

    Notes
    -----
    As `identifier_columns`.

    References
    ----------
    ISO/IEC 5259-2:2024, Idn-ML-1 (identifiability ratio);
    Personal Information Protection Act of Korea, Articles 24 and 24-2 (unique identifiers).
    """
    return _columns(training_personal_identifiers)


def _columns(identifiers: PersonalIdentifiers) -> Measurement:
    if not identifiers.n:
        raise NotMeasurable("no_rows")
    listed: dict[str, list[dict[str, Any]]] = {"columns": [], "unclear": [], "businesses": []}
    for name, kinds in identifiers.columns.items():
        for kind, found in kinds.items():
            part = _part(kind, found)
            if part is not None:
                listed[part].append(_told(name, kind, found))
    value = len({one["column"] for one in listed["columns"]})
    return Measurement(
        value=value,
        n=identifiers.n,
        unit="columns",
        method="exact",
        reason=Reason(code="whole_file"),
        details={"searched": len(identifiers.columns), **listed},
    )


def _part(kind: str, found: Found) -> str | None:
    """Where a column is listed for a kind of identifier, if it is."""
    if kind in _OF_BUSINESSES:
        return "businesses" if _named(kind, found) else None
    return "columns" if _named(kind, found) else "unclear"


def _named(kind: str, found: Found) -> bool:
    chance = _CHANCES[kind]
    if not chance:
        return found.cells > 0
    passing, distinct = found.passing, found.distinct
    if passing < 2 or passing < max(_LEAST_SHARE, _TIMES_CHANCE * chance) * distinct:
        return False
    return bool(bdtrc(passing - 1, distinct, chance) <= _LIKELY_BY_CHANCE)


def _told(name: str, kind: str, found: Found) -> dict[str, Any]:
    """Counts of one column and kind."""
    return {"column": name, "kind": kind, "cells": found.cells, "shaped_cells": found.shaped_cells}
