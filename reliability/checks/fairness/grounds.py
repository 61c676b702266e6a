"""Whether the grounds on which people must not be treated worse are declared, so that they are measured."""

from typing import Any

from reliability.checks.fairness.names import Words, names_that_say
from reliability.errors import NotMeasurable
from reliability.evidence.sample import Sample
from reliability.records import Measurement, Reason


def undeclared_grounds(sample: Sample, *, words: Words, apart_from: tuple[str, ...] = (), law: str = "") -> Measurement:
    """Number of columns whose names speak of a protected ground and that are not declared sensitive.

    Parameters
    ----------
    sample : Sample
        Rows with the roles of all columns of the file, those that the model is not given included.
    words : tuple of str
        The protected grounds, in the words that a column would be named by; spaces join parts.
    apart_from : tuple of str, default ()
        What a name may say and mean something else: `account age` beside `age`.
    law : str, default ''
        What protects them, for the record.

    Returns
    -------
    Measurement
        Columns, from 0, which is best, to their number n, the target left out. `details.names` lists them;
        `details.declared` has the attributes that are declared sensitive.

    Raises
    ------
    NotMeasurable
        `no_features` where the file has no column but its target.
    ChecklistError
        If there is no word, or one without a letter.

    Notes
    -----
    A group that is not declared is in no comparison of groups, so that a difference stays unseen. Names are
    compared as by `fairness.barred_inputs`. An attribute is declared by its column: where `age` is declared,
    `birth_year` is not. A column whose name says nothing of what it holds is not found, and a file that holds no
    such column says nothing of how the groups are treated.

    References
    ----------
    National Human Rights Commission of Korea Act, article 2(3): the nineteen grounds; Framework Act on Employment
    Policy (Republic of Korea), article 7(1).
    """
    roles = sample.roles
    named = [name for name in roles.all_columns if name != roles.target]
    if not named:
        raise NotMeasurable("no_features")
    undeclared = [name for name in named if name not in roles.sensitive]
    found = names_that_say(words, undeclared, apart_from=apart_from, check="fairness.undeclared_grounds")
    details: dict[str, Any] = {"names": found, "declared": list(roles.sensitive)} | ({"law": law} if law else {})
    return Measurement(
        value=len(found), n=len(named), unit="columns", method="exact", reason=Reason(code="whole_file"),
        details=details,
    )  # fmt: skip
