"""Probes of plain functions, for the tests of checks that put rows to a model again."""

import numpy as np

from reliability.evidence.column_profile import ColumnProfile
from reliability.evidence.probe import Answers, Probe
from reliability.evidence.sample import Sample
from tests.builders import block


def probed(columns, model, y_true=None, **roles):
    """The probe, the profile of its rows, and every table that the model is asked."""
    n = len(next(iter(columns.values())))
    asked = []

    def ask(table):
        asked.append(table)
        return model(table)

    rows = block([0] * n if y_true is None else y_true, columns=columns, **roles)
    sample = Sample.of(rows, seed=0, size=20_000)
    probe = Probe(sample=sample, answers=model(sample.columns), ask=ask, ask_anew=ask)
    return probe, ColumnProfile.of(rows), asked


def linear(weights, cut=0.0):
    """A model: positive where the weighted sum of the named columns is above the cut; its score is logistic."""

    def model(columns):
        total = sum(weight * np.nan_to_num(columns[name].as_floats()) for name, weight in weights.items()) - cut
        return Answers(labels=(total > 0).astype(np.int64), scores=1 / (1 + np.exp(-np.clip(total, -500, 500))))

    return model


def labels_only(model):
    """The model without its scores."""
    return lambda columns: Answers(labels=model(columns).labels)


def rows_asked(asked):
    """How many rows all the tables have together."""
    return sum(len(next(iter(table.values()))) for table in asked)
