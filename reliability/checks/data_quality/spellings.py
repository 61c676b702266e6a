"""What is wrong with the writing in columns of text."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from reliability.blocks import Bools
from reliability.checks.data_quality.files import WholeFile
from reliability.errors import NotMeasurable
from reliability.evidence.row_digests import Repeats
from reliability.evidence.text_profile import LevelTable, TextProfile, TextSummary
from reliability.records import Measurement, Reason
from reliability.spelling import as_group, folded

# Beyond this share of a column the rarer kind is no slip: the column holds codes of both kinds.
_MOST_MIXED = 0.1
# A slip of the pen is so much rarer than what was meant, and so much alike; short words differ by a letter rightly.
_RARER, _SHORTEST, _SHORTEST_DENSE, _LETTERS_A_SLIP = 10, 5, 9, 10
_PLACES = 64


def mixed_types(text_profile: TextProfile) -> Measurement:
    """Share of text cells that are words in a column of numbers, or numbers in a column of words.

    Parameters
    ----------
    text_profile : TextProfile
        Cells that read as numbers, and those that do not.

    Returns
    -------
    Measurement
        Share of the text feature cells that are present, in [0, 1]; 0 is best, and the value
        where no feature is text. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_rows` where no cell of a text feature holds a value.

    Notes
    -----
    In a column where both occur, the rarer kind, if it is at most 10 % of the cells; beyond, the column is taken for
    codes of both kinds. Spellings of a missing value are of neither kind. `details.columns` has the columns, with
    the first 20 rows.

    References
    ----------
    ISO/IEC 5259-2:2024, Con-ML-3 (data format consistency).
    """
    return _share_of_cells(text_profile, _rarer_kind, ("Con-ML-3",))


def missing_spellings(text_profile: TextProfile) -> Measurement:
    """Share of text cells that spell a missing value and were read as one that is there.

    Parameters
    ----------
    text_profile : TextProfile
        Cells by what they spell.

    Returns
    -------
    Measurement
        Share of the text feature cells that are present, in [0, 1]; 0 is best, and the value
        where no feature is text. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_rows` where no cell of a text feature holds a value.

    Notes
    -----
    Cells that are, but for case, width and spaces, one of the spellings listed in `evidence.text_profile` ("?", "-",
    "n/a", "unknown", in Korean too). "none" and the like may be a category of its own and count only in a column
    that holds another spelling too. An empty field, NA, NaN and null are read as missing and are not met here; what
    the data dictionary lists as missing neither. `details.columns` has the columns, with the number of spellings of
    each.

    References
    ----------
    ISO/IEC 5259-2:2024, Com-ML-1 (value completeness); Pearson, R. K. (2006), SIGKDD Explorations 8, 83-92
    (disguised missing data).
    """
    return _share_of_cells(
        text_profile, _spelt, ("Com-ML-1",), more=lambda summary: {"spellings": len(summary.spellings)}
    )


def special_characters(text_profile: TextProfile) -> Measurement:
    """Share of text cells with invisible or wrongly decoded characters.

    Parameters
    ----------
    text_profile : TextProfile
        Cells with such characters.

    Returns
    -------
    Measurement
        Share of the text feature cells that are present, in [0, 1], or the share in a column of groups where that is
        larger; 0 is best, and the value where nothing is text. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_rows` where no cell of text holds a value.

    Notes
    -----
    Columns of groups are sensitive attributes, segments and strata of text, features or not; see
    `near_equal_spellings`. Control characters (but tab and line break), soft hyphens, characters of no width and of
    direction, U+FFFD and what two wrong decodings make of it, UTF-8 read as Latin-1 or Windows-1252, and runs of at
    least four characters of the upper half of Latin-1, which is how CP949 reads there.

    References
    ----------
    ISO/IEC 5259-2:2024, Acc-ML-1 (syntactic data accuracy).
    """
    groups = {name: summary.damaged for name, summary in text_profile.groups.items()}
    return _share_of_cells(text_profile, lambda summary: summary.damaged, ("Acc-ML-1",), groups=groups)


def near_equal_spellings(text_profile: TextProfile) -> Measurement:
    """Share of text cells written otherwise than most cells of the same category.

    Parameters
    ----------
    text_profile : TextProfile
        Every level of the columns that have at most 1,000.

    Returns
    -------
    Measurement
        Share of the text feature cells that are present in these columns, in [0, 1], or the share in a column of groups
        where that is larger; 0 is best. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_rows` where no cell of text holds a value.

    Notes
    -----
    Two levels are one category where they are equal but for case, width (NFKC), spaces, hyphens and underscores: all
    cells but those of the commonest spelling count as variants. A level counts as a slip of another where that one is
    held by ten times as many cells, both have the same first letter (hands seldom slip there, and other and mother are
    two words) and the same digits, and Levenshtein's distance is at most one letter in ten of the rarer (at least one),
    of at least five letters; Korean syllables are taken apart into letters and need nine, as do codes with digits.

    Columns of groups are sensitive attributes, segments and strata of text, features or not: a spelling apart is a
    group apart there. Each is looked at by itself (`details.groups_read`), for variants alone: equal but for case,
    width, spaces and what stands between letters (a hyphen between digits counts, and one at the end, as in BBB-), and
    for points, commas, colons and quotation marks at either end.

    `details.columns` has both counts by feature, and the variants of a column of groups as its cells. Columns of more
    than 1,000 levels are named in `details.columns_left_out`.

    References
    ----------
    ISO/IEC 5259-2:2024, Acc-ML-1 (syntactic data accuracy); Levenshtein, V. I. (1966), Soviet Physics Doklady 10,
    707-710; Unicode Standard Annex 15 (normalization forms).
    """
    tables = {name: column.table for name, column in text_profile.columns.items() if column.table is not None}
    marked = {name: _misspelt(table) for name, table in tables.items()}
    columns = {name: text_profile.columns[name] for name in tables}
    left_out = [name for name in text_profile.columns if name not in tables]
    found = {name: tables[name].rows_of(np.logical_or(*rows)) for name, rows in marked.items()}
    groups = {
        name: table.rows_of(_variants(table, [as_group(level) for level in table.levels]))
        for name, summary in text_profile.groups.items()
        if (table := summary.table) is not None
    }
    return _measured(
        text_profile, columns, found, ("Acc-ML-1",), groups=groups,
        more=lambda name: _by_cause(tables[name], marked[name]), left_out=left_out,
    )  # fmt: skip


def _rarer_kind(summary: TextSummary) -> Repeats:
    few = min(summary.numbers, summary.others, key=lambda kind: kind.n)
    return few if few.n <= _MOST_MIXED * (summary.numbers.n + summary.others.n) else Repeats()


def _spelt(summary: TextSummary) -> Repeats:
    return summary.blanks + summary.words if summary.blanks.n else Repeats()


def _by_cause(table: LevelTable, marked: tuple[Bools, Bools]) -> dict[str, int]:
    variants, slips = (int(table.counts[rows].sum()) for rows in marked)
    return {"variants": variants, "slips": slips}


def _share_of_cells(
    text_profile: TextProfile,
    chosen: Callable[[TextSummary], Repeats],
    iso: tuple[str, ...],
    *,
    more: Callable[[TextSummary], dict[str, int]] = lambda _: {},
    groups: Mapping[str, Repeats] | None = None,
) -> Measurement:
    columns = text_profile.columns
    found = {name: chosen(summary) for name, summary in columns.items()}
    return _measured(text_profile, columns, found, iso, more=lambda name: more(columns[name]), groups=groups or {})


def _measured(
    text_profile: TextProfile,
    columns: Mapping[str, TextSummary],
    found: Mapping[str, Repeats],
    iso: tuple[str, ...],
    *,
    more: Callable[[str], dict[str, int]],
    groups: Mapping[str, Repeats],
    left_out: list[str] | None = None,
) -> Measurement:
    if not text_profile.n:
        raise NotMeasurable("no_rows")
    if not text_profile.columns and not groups:
        # Where there is no text, none of it is wrong.
        nothing = WholeFile(value=0.0, n=text_profile.n, iso=iso, details={"cells": 0, "columns": []}).measured()
        return nothing.model_copy(update={"reason": Reason(code="no_text_features")})
    of = sum(summary.present for summary in columns.values())
    if not (of or any(text_profile.groups[name].present for name in groups)):
        raise NotMeasurable("no_rows")
    apart = [_listed(name, cells, text_profile.groups[name], {}) for name, cells in groups.items() if cells.n]
    # A feature that groups rows too stands once, as what more of its cells were found by.
    known = {one["column"]: one["cells"] for one in apart}
    listed = [
        _listed(name, cells, columns[name], more(name)) for name, cells in found.items() if cells.n > known.get(name, 0)
    ]
    listed += [one for one in apart if one["column"] not in {each["column"] for each in listed}]
    listed.sort(key=lambda one: (-one["value"], one["column"]))
    total = sum(cells.n for cells in found.values())
    details: dict[str, Any] = {"cells": of, "cells_found": total, "columns_read": len(columns), "columns": listed}
    if left_out is not None:
        details["columns_left_out"] = left_out
    if groups:
        details["groups_read"] = len(groups)
    # Never one share of both: many clean features would hide a group that is split.
    value = max([total / of if of else 0.0, *(one["value"] for one in apart)])
    return WholeFile(value=value, n=text_profile.n, iso=iso, details=details).measured()


def _listed(name: str, cells: Repeats, summary: TextSummary, more: dict[str, int]) -> dict[str, Any]:
    positions = list(cells.positions)
    return {"column": name, "cells": cells.n, "value": cells.n / summary.present, **more, "positions": positions}


def _misspelt(table: LevelTable) -> tuple[Bools, Bools]:
    """Levels that are a variant of another, and those that are a slip."""
    plain = [_plain(level) for level in table.levels]
    total: Counter[str] = Counter()
    for name, count in zip(plain, table.counts.tolist(), strict=True):
        total[name] += count
    variants, slips = _variants(table, plain), _slips(total)
    return variants, np.array([name in slips for name in plain], np.bool_) & ~variants


def _variants(table: LevelTable, plain: list[str]) -> Bools:
    """All levels of one name but the commonest."""
    best: dict[str, int] = {}
    for index, (name, count) in enumerate(zip(plain, table.counts.tolist(), strict=True)):
        best.setdefault(name, index)
        if count > table.counts[best[name]]:
            best[name] = index
    return np.array([best[name] != index for index, name in enumerate(plain)], np.bool_)


def _plain(level: str) -> str:
    return re.sub(r"[\s\-_‐-―]+", "", folded(level)) or level


def _slips(total: Mapping[str, int]) -> set[str]:
    """Words that are a slip of one that is much commoner."""
    long = {name: letters for name in total if len(letters := unicodedata.normalize("NFD", name)) >= _shortest(name)}
    names, words = list(long), list(long.values())
    counts, bags = np.array([total[name] for name in names]), _bags(words)
    found = set()
    for index, name in enumerate(names):
        # Every slip takes away one letter at most, and adds one at most.
        change, most = bags - bags[index], _most_slips(words[index])
        near = (np.maximum(change, 0).sum(axis=1) <= most) & (np.maximum(-change, 0).sum(axis=1) <= most)
        common = np.flatnonzero(near & (counts >= _RARER * counts[index])).tolist()
        if any(_alike(words[index], words[other]) for other in common):
            found.add(name)
    return found


def _shortest(name: str) -> int:
    return _SHORTEST_DENSE if re.search("[가-힣0-9]", name) else _SHORTEST


def _most_slips(word: str) -> int:
    return max(1, len(word) // _LETTERS_A_SLIP)


def _bags(words: list[str]) -> "np.ndarray[tuple[int, int], np.dtype[np.int32]]":
    """How often every word has each letter; letters that share a place only make more words look near."""
    bags = np.zeros((len(words), _PLACES), np.int32)
    for index, word in enumerate(words):
        np.add.at(bags[index], [ord(letter) % _PLACES for letter in word], 1)
    return bags


def _alike(rare: str, common: str) -> bool:
    if rare[0] != common[0] or re.sub(r"\D", "", rare) != re.sub(r"\D", "", common):
        return False
    most = _most_slips(rare)
    return _distance(rare, common, most) <= most


def _distance(first: str, second: str, most: int) -> int:
    """Levenshtein's distance, or a larger number than `most`."""
    row = list(range(len(second) + 1))
    for place, letter in enumerate(first, start=1):
        above, row = row, [place]
        for column, other in enumerate(second, start=1):
            row.append(min(above[column] + 1, row[-1] + 1, above[column - 1] + (letter != other)))
        if min(row) > most:
            return most + 1
    return row[-1]
