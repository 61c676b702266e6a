"""Real data sets for planted faults: rows as named columns, and clean draws of training and evaluation rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from reliability.blocks import Column, Groups

Kind: TypeAlias = Literal["logistic regression", "gradient boosting"]
Values: TypeAlias = npt.NDArray[Any]  # float64 with NaN where missing, or object with None
FOLDER = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """Feature columns, and the true label of every row: 1 is the favourable outcome."""

    columns: Mapping[str, Values]
    y: npt.NDArray[np.int64]

    @property
    def n(self) -> int:
        """How many rows."""
        return len(self.y)

    def take(self, rows: npt.NDArray[Any]) -> Self:
        """The rows chosen by index or mask."""
        return replace(self, columns={name: one[rows] for name, one in self.columns.items()}, y=self.y[rows])

    def with_column(self, name: str, values: Values) -> Self:
        """The rows with a column added or replaced."""
        return replace(self, columns={**self.columns, name: values})

    def beside(self, other: Self) -> Self:
        """Both, one after the other."""
        columns = {name: np.concatenate((one, other.columns[name])) for name, one in self.columns.items()}
        return replace(self, columns=columns, y=np.concatenate((self.y, other.y)))


@dataclass(frozen=True, kw_only=True, eq=False)
class Population:
    """A data set, the columns that faults are planted in, and how many rows are drawn from it.

    `sensitive` compares two groups, `disadvantaged` is the one that faults against a group are planted in;
    `proxied` is an attribute that no other feature gives away already. `quantity` is a number that varies, `amount`
    one above 0 for unit slips, `category` a text column, `strong` a feature that says much of the
    label by itself.
    """

    name: str
    rows: Rows
    sensitive: str
    disadvantaged: str
    proxied: str
    quantity: str
    amount: str
    category: str
    strong: str
    quasi_identifiers: tuple[str, ...]
    model: Kind
    training: int
    evaluation: int

    @property
    def attributes(self) -> tuple[str, ...]:
        """The sensitive attributes, each once."""
        return tuple(dict.fromkeys((self.sensitive, self.proxied)))

    @cached_property
    def shares(self) -> dict[str, dict[str, float]]:
        """The share of every group, as an applicant would declare it of the population."""
        columns = {name: self.rows.columns[name] for name in self.attributes}
        return {
            name: {level: float(np.mean(values == level)) for level in levels_of(values)}
            for name, values in columns.items()
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class Draw:
    """Training rows, evaluation rows from the complement, and the whole complement."""

    population: Population
    training: Rows
    evaluation: Rows
    complement: Rows


def draw(population: Population, seed: int) -> Draw:
    """A clean draw without replacement; no row stands in both parts."""
    order = np.random.default_rng([seed, 20261128]).permutation(population.rows.n)
    rest = population.rows.take(order[population.training :])
    return Draw(
        population=population,
        training=population.rows.take(order[: population.training]),
        evaluation=rest.take(np.arange(population.evaluation)),
        complement=rest,
    )


def column_of(values: Values, *, whole: bool = False) -> Column:
    """Values as a column of the product: text, or numbers, which may be whole."""
    if values.dtype == object:
        gone = np.array([value is None for value in values], np.bool_)
        names, codes = np.unique(np.where(gone, "", values).astype(str), return_inverse=True)
        return Column(
            kind="utf8", values=np.where(gone, 0, codes).astype(np.int32), missing=gone, levels=tuple(names.tolist())
        )
    gone = np.isnan(values)
    filled = np.where(gone, 0.0, values)
    return Column(kind="i8" if whole else "f8", values=filled.astype(np.int64) if whole else filled, missing=gone)


def is_whole(values: Values) -> bool:
    """Whether a column holds whole numbers alone, as a file's settled type would say."""
    return values.dtype != object and bool(np.all(np.isnan(values) | (values == np.rint(values))))


def groups_of(values: Values, levels: tuple[str, ...]) -> Groups:
    """The group of every row."""
    place = {level: code for code, level in enumerate(levels)}
    return Groups(codes=np.array([place.get(value, -1) for value in values], np.int32), levels=levels)


def levels_of(values: Values) -> tuple[str, ...]:
    """The groups that occur in a column, sorted."""
    return tuple(sorted({value for value in values if value is not None}))


@cache
def population(name: str) -> Population:
    """The data set of that name."""
    return POPULATIONS[name]()


def _adult() -> Population:
    import pandas as pd

    names = (
        "age workclass fnlwgt education education_num marital occupation relationship race sex gain loss hours "
        "country income"
    ).split()
    parts = [
        pd.read_csv(FOLDER / "adult" / file, names=names, skipinitialspace=True, na_values="?", comment=None)
        for file in ("adult.train", "adult.test")
    ]
    frame = pd.concat(parts, ignore_index=True)
    frame["race"] = frame["race"].where(frame["race"] == "White", "other")
    y = frame["income"].str.startswith(">50K").to_numpy().astype(np.int64)
    kept = frame.drop(columns=["fnlwgt", "education", "country", "income"])
    return Population(
        name="Adult", model="logistic regression", rows=_rows(kept, y), sensitive="sex", disadvantaged="Female",
        proxied="race",
        quantity="age", amount="hours", category="occupation", strong="relationship",
        quasi_identifiers=("age", "sex", "race", "marital"), training=2_000, evaluation=1_500,
    )  # fmt: skip


def _german() -> Population:
    import pandas as pd

    frame = pd.read_csv(FOLDER / "german" / "german.csv")
    y = (frame["credit"] == 1).to_numpy().astype(np.int64)
    # Codebook, attribute 9: A92 and A95 are women.
    frame["sex"] = frame["personal_status"].isin(["A92", "A95"]).map({True: "female", False: "male"})
    kept = frame.drop(columns=["credit", "personal_status"])
    return Population(
        name="German", model="logistic regression", rows=_rows(kept, y), sensitive="sex", disadvantaged="female",
        proxied="sex",
        quantity="age", amount="credit_amount", category="purpose", strong="status",
        quasi_identifiers=("age", "sex", "housing"), training=350, evaluation=620,
    )  # fmt: skip


def _boston() -> Population:
    import pandas as pd

    frame = pd.read_csv(FOLDER / "hmda_boston" / "HMDA.csv")
    y = (frame["deny"] == "no").to_numpy().astype(np.int64)
    frame["mhist"] = "m" + frame["mhist"].astype(str)
    kept = frame.drop(columns=["rownames", "deny"])
    return Population(
        name="Boston", model="gradient boosting", rows=_rows(kept, y), sensitive="afam", disadvantaged="yes",
        proxied="afam",
        quantity="lvrat", amount="pirat", category="mhist", strong="chist",
        quasi_identifiers=("afam", "single", "hschool"), training=900, evaluation=700,
    )  # fmt: skip


def _taiwan() -> Population:
    import pandas as pd

    frame = pd.read_csv(FOLDER / "credit_default_taiwan" / "credit-card-clients.csv")
    y = (frame["default payment"] == 0).to_numpy().astype(np.int64)
    frame["SEX"] = frame["SEX"].map({1: "male", 2: "female"})
    for name in ("EDUCATION", "MARRIAGE"):
        frame[name] = name[0] + frame[name].astype(str)
    return Population(
        name="Taiwan", model="gradient boosting", rows=_rows(frame.drop(columns="default payment"), y),
        sensitive="SEX", disadvantaged="female",
        proxied="SEX", quantity="AGE", amount="LIMIT_BAL", category="EDUCATION", strong="PAY_0",
        quasi_identifiers=("AGE", "SEX", "EDUCATION", "MARRIAGE"), training=2_000, evaluation=1_500,
    )  # fmt: skip


def _rows(frame: Any, y: npt.NDArray[np.int64]) -> Rows:
    import pandas as pd

    columns: dict[str, Values] = {}
    for name in frame.columns:
        if pd.api.types.is_numeric_dtype(frame[name]):
            columns[str(name)] = frame[name].to_numpy(np.float64)
        else:
            given = frame[name].astype(object)
            columns[str(name)] = np.where(given.isna(), None, given)
    return Rows(columns=columns, y=y)


POPULATIONS: dict[str, Callable[[], Population]] = {
    "Adult": _adult, "German": _german, "Boston": _boston, "Taiwan": _taiwan,
}  # fmt: skip
