"""Whether the model keeps its answers when its inputs go wrong as they do every day."""

import numpy as np

from reliability.checks.asking import with_labels, within
from reliability.checks.requirements import AtLeastOne, require_at_least
from reliability.checks.robustness.curves import Disturbed, consistency
from reliability.checks.robustness.disturbances import (
    category_swap,
    missing_values,
    noise,
    rounding,
    spacing,
    typos,
    unseen_category,
)
from reliability.evidence.column_profile import ColumnProfile
from reliability.evidence.probe import Probe
from reliability.records import Measurement

MOST_DIGITS = 15  # of a float, which holds no more


def noise_consistency(
    probe: Probe,
    column_profile: ColumnProfile,
    *,
    strength: float = 0.1,
    curve: tuple[float, ...] = (),
    sample_size: AtLeastOne = 5000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Measurement:
    """Share of rows whose predicted label stays under small noise on the numbers.

    Parameters
    ----------
    probe : Probe
        Sampled rows, the model's answers to them, and the way to ask it again.
    column_profile : ColumnProfile
        Standard deviation of every column over all rows.
    strength : float, default 0.1
        Standard deviation of the noise, in standard deviations of the column.
    curve : tuple of float, default ()
        Further strengths, reported in `details.curve`; each asks the rows once more, all in one call.
    sample_size : int, default 5000
        Most rows asked.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the noise.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 1 is best.

    Raises
    ------
    NotMeasurable
        `needs_classification`, `no_rows`, or `no_numeric_features` where no number varies.

    Notes
    -----
    Share = (rows with f(x + noise) = f(x)) / rows, one Gaussian draw a row and column. Integers take noise
    rounded to integers; what is missing stays missing; text and yes/no columns stay as they are.
    `details.accuracy` has what the noise costs in accuracy on the same rows.
    Clopper-Pearson interval; with entities at the effective number of rows.

    References
    ----------
    ISO/IEC TR 24029-1:2021, Assessment of the robustness of neural networks, 5.2 (statistical methods);
    Hendrycks, D. and Dietterich, T. (2019), ICLR, arXiv:1903.12261 (flip rate under perturbation).
    """
    for one in (strength, *curve):
        within("strength", one, np.inf)
    asked = with_labels(probe, sample_size)
    at = noise(asked.sample.columns, column_profile, np.random.default_rng(seed))
    columns = len(at(0.0))
    return consistency(
        Disturbed(probe=asked, at=at, strength=strength, curve=curve), {"strength": strength, "columns": columns},
        confidence=confidence,
    )  # fmt: skip


def missing_value_consistency(
    probe: Probe,
    *,
    share: float = 0.05,
    curve: tuple[float, ...] = (),
    sample_size: AtLeastOne = 5000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Measurement:
    """Share of rows whose predicted label stays when some of their cells go missing.

    Parameters
    ----------
    probe : Probe
        Sampled rows, the model's answers to them, and the way to ask it again.
    share : float, default 0.05
        Chance of every feature of every row to be blanked, in [0, 1].
    curve : tuple of float, default ()
        Further shares, reported in `details.curve`; each asks the rows once more, all in one call.
    sample_size : int, default 5000
        Most rows asked.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the blanks.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 1 is best.

    Raises
    ------
    NotMeasurable
        `needs_classification`, `no_rows` or `no_features`.

    Notes
    -----
    Share = (rows with f(blanked x) = f(x)) / rows. A blanked cell travels as the column's mask, so that a
    missing integer or yes/no reaches the model as its format writes it. A row that lost nothing counts as it
    is; `details.blanked` says how many lost something. Clopper-Pearson interval; with entities at the
    effective number of rows.

    References
    ----------
    ISO/IEC TR 24029-1:2021, 5.2; Little, R. J. A. and Rubin, D. B. (2019), Statistical Analysis with Missing
    Data, 3rd ed., 1.3 (missing completely at random).
    """
    for one in (share, *curve):
        within("share", one, 1.0)
    asked = with_labels(probe, sample_size)
    columns = asked.sample.columns
    at = missing_values(columns, np.random.default_rng(seed))
    gone = np.any([one.missing & ~columns[name].missing for name, one in at(share).items()], axis=0)
    details = {"share": share, "blanked": int(np.count_nonzero(gone))}
    return consistency(Disturbed(probe=asked, at=at, strength=share, curve=curve), details, confidence=confidence)


def category_swap_consistency(
    probe: Probe,
    *,
    share: float = 0.05,
    curve: tuple[float, ...] = (),
    sample_size: AtLeastOne = 5000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Measurement:
    """Share of rows whose predicted label stays when some categories are mistaken for others.

    Parameters
    ----------
    probe : Probe
        Sampled rows, the model's answers to them, and the way to ask it again.
    share : float, default 0.05
        Chance of every cell of text, and of yes or no, to hold another value of its column, in [0, 1].
    curve : tuple of float, default ()
        Further shares, reported in `details.curve`; each asks the rows once more, all in one call.
    sample_size : int, default 5000
        Most rows asked.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the draws.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 1 is best.

    Raises
    ------
    NotMeasurable
        `needs_classification`, `no_rows`, or `no_categories` where no such column has two values.

    Notes
    -----
    Share = (rows with f(x with swapped categories) = f(x)) / rows. The other value is that of a random row that has
    another one. Some answers ought to change: the number says how much hangs on a slip, not that the model errs.
    Clopper-Pearson interval; with entities at the effective number of rows. `details.accuracy` has what it costs in
    accuracy on the same rows.

    References
    ----------
    ISO/IEC TR 24029-1:2021, Assessment of the robustness of neural networks, 5.2 (statistical methods);
    Breck, E. et al. (2019), Data Validation for Machine Learning, MLSys (values that stray from their column).
    """
    for one in (share, *curve):
        within("share", one, 1.0)
    asked = with_labels(probe, sample_size)
    at = category_swap(asked.sample.columns, np.random.default_rng(seed))
    details = {"share": share, "columns": sorted(at(0.0))}
    return consistency(Disturbed(probe=asked, at=at, strength=share, curve=curve), details, confidence=confidence)


def unseen_category_consistency(
    probe: Probe,
    column_profile: ColumnProfile,
    *,
    share: float = 0.05,
    curve: tuple[float, ...] = (),
    sample_size: AtLeastOne = 5000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Measurement:
    """Share of rows whose predicted label stays when some categories are words that no row has.

    Parameters
    ----------
    probe : Probe
        Sampled rows, the model's answers to them, and the way to ask it again.
    column_profile : ColumnProfile
        Levels of every column over all rows.
    share : float, default 0.05
        Chance of every cell of text to hold the unknown word, in [0, 1].
    curve : tuple of float, default ()
        Further shares, reported in `details.curve`; each asks the rows once more, all in one call.
    sample_size : int, default 5000
        Most rows asked.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the draws.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 1 is best.

    Raises
    ------
    NotMeasurable
        `needs_classification`, `no_rows`, or `no_categories` where no column holds text.

    Notes
    -----
    Share = (rows with f(x with unknown words) = f(x)) / rows. A model that refuses an unknown word fails the
    measurement with its own message (`model_raised`); `invalid_input_handling` counts that as a refusal.
    Clopper-Pearson interval; with entities at the effective number of rows. `details.accuracy` has what it costs in
    accuracy on the same rows.

    References
    ----------
    ISO/IEC TR 24029-1:2021, Assessment of the robustness of neural networks, 5.2 (statistical methods);
    Breck, E. et al. (2019), Data Validation for Machine Learning, MLSys (new categories in serving data).
    """
    for one in (share, *curve):
        within("share", one, 1.0)
    asked = with_labels(probe, sample_size)
    at = unseen_category(asked.sample.columns, column_profile, np.random.default_rng(seed))
    details = {"share": share, "columns": sorted(at(0.0))}
    return consistency(Disturbed(probe=asked, at=at, strength=share, curve=curve), details, confidence=confidence)


def rounding_consistency(
    probe: Probe,
    *,
    digits: AtLeastOne = 3,
    curve: tuple[int, ...] = (),
    sample_size: AtLeastOne = 5000,
    confidence: float = 0.95,
) -> Measurement:
    """Share of rows whose predicted label stays when numbers are rounded.

    Parameters
    ----------
    probe : Probe
        Sampled rows, the model's answers to them, and the way to ask it again.
    digits : int, default 3
        Significant digits that are kept, from 1 to 15.
    curve : tuple of int, default ()
        Further numbers of digits, reported in `details.curve`; each asks the rows once more, all in one call.
    sample_size : int, default 5000
        Most rows asked.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Share, in [0, 1]; 1 is best.

    Raises
    ------
    NotMeasurable
        `needs_classification`, `no_rows`, or `no_numeric_features`.

    Notes
    -----
    Share = (rows with f(rounded x) = f(x)) / rows. Every number is written with so many significant digits and read
    again; whole numbers are rounded where they have more. Nothing is drawn.
    Clopper-Pearson interval; with entities at the effective number of rows. `details.accuracy` has what it costs in
    accuracy on the same rows.

    References
    ----------
    ISO/IEC TR 24029-1:2021, Assessment of the robustness of neural networks, 5.2 (statistical methods);
    IEEE Std 754-2019, 5.12 (conversion to decimal and back).
    """
    for one in (digits, *curve):
        within("digits", one, MOST_DIGITS)
        require_at_least("digits", one, 1)
    asked = with_labels(probe, sample_size)
    at = rounding(asked.sample.columns)
    details = {"strength": digits, "columns": sorted(at(digits))}
    return consistency(Disturbed(probe=asked, at=at, strength=digits, curve=curve), details, confidence=confidence)


def typo_consistency(
    probe: Probe,
    *,
    share: float = 0.1,
    curve: tuple[float, ...] = (),
    sample_size: AtLeastOne = 5000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Measurement:
    """Share of rows whose predicted label stays when some texts have a typing error.

    Parameters
    ----------
    probe : Probe
        Sampled rows, the model's answers to them, and the way to ask it again.
    share : float, default 0.1
        Chance of every cell of text to have one slip of the keyboard, in [0, 1].
    curve : tuple of float, default ()
        Further shares, reported in `details.curve`; each asks the rows once more, all in one call.
    sample_size : int, default 5000
        Most rows asked.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the draws.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 1 is best.

    Raises
    ------
    NotMeasurable
        `needs_classification`, `no_rows`, or `no_text` where no column holds text.

    Notes
    -----
    Share = (rows with f(x with slips) = f(x)) / rows. A slip exchanges two neighbours, leaves out or doubles a
    character, or strikes a wrong key: in Latin the one beside it, in Hangul a doubled consonant or a vowel that is
    often mistaken for it.
    Clopper-Pearson interval; with entities at the effective number of rows. `details.accuracy` has what it costs in
    accuracy on the same rows.

    References
    ----------
    ISO/IEC TR 24029-1:2021, Assessment of the robustness of neural networks, 5.2 (statistical methods);
    Damerau, F. J. (1964), Communications of the ACM 7, 171-176 (kinds of single error); Belinkov, Y. and Bisk, Y.
    (2018), ICLR, arXiv:1711.02173 (models under keyboard noise).
    """
    for one in (share, *curve):
        within("share", one, 1.0)
    asked = with_labels(probe, sample_size)
    at = typos(asked.sample.columns, np.random.default_rng(seed))
    details = {"share": share, "columns": sorted(at(0.0))}
    return consistency(Disturbed(probe=asked, at=at, strength=share, curve=curve), details, confidence=confidence)


def spacing_consistency(
    probe: Probe,
    *,
    share: float = 0.1,
    curve: tuple[float, ...] = (),
    sample_size: AtLeastOne = 5000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Measurement:
    """Share of rows whose predicted label stays when some texts have a space too many or too few.

    Parameters
    ----------
    probe : Probe
        Sampled rows, the model's answers to them, and the way to ask it again.
    share : float, default 0.1
        Chance of every cell of text to lose or gain one space, in [0, 1].
    curve : tuple of float, default ()
        Further shares, reported in `details.curve`; each asks the rows once more, all in one call.
    sample_size : int, default 5000
        Most rows asked.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the draws.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 1 is best.

    Raises
    ------
    NotMeasurable
        `needs_classification`, `no_rows`, or `no_text` where no column holds text.

    Notes
    -----
    Share = (rows with f(respaced x) = f(x)) / rows. Half the time a space is left out where there is one, else one is
    put between two characters: in written Korean the commonest slip.
    Clopper-Pearson interval; with entities at the effective number of rows. `details.accuracy` has what it costs in
    accuracy on the same rows.

    References
    ----------
    ISO/IEC TR 24029-1:2021, Assessment of the robustness of neural networks, 5.2 (statistical methods);
    National Institute of Korean Language, Hangul Orthography, chapter 5 (spacing).
    """
    for one in (share, *curve):
        within("share", one, 1.0)
    asked = with_labels(probe, sample_size)
    at = spacing(asked.sample.columns, np.random.default_rng(seed))
    details = {"share": share, "columns": sorted(at(0.0))}
    return consistency(Disturbed(probe=asked, at=at, strength=share, curve=curve), details, confidence=confidence)
