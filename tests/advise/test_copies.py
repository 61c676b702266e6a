from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from reliability.advise.copies import ALIVE, Copies, Copy, Prepared, tried
from reliability.advise.remedies import Ground, NotTried, Rows
from reliability.errors import WorkerError
from reliability.worker.parent import Limits
from reliability.worker.refit import How
from tests.builders import block
from tests.worker.refitting import CLASSES, columns_of, here, spec_of, table

FRAME, Y, _ = table(200)
TRAINING = block([CLASSES[one] for one in Y], columns=columns_of(FRAME), classes=CLASSES, positive="yes")
ROWS = replace(TRAINING, y_pred=1 - TRAINING.y_true)


class Counted:
    """Opens refits in this process and counts them, and those that were closed."""

    def __init__(self):
        self.opened, self.closed = 0, 0

    def __call__(self, spec, *, limits):
        refit = here(spec, limits=limits)
        close, self.opened = refit.close, self.opened + 1

        def closed():
            self.closed += 1
            close()

        refit.close = closed
        return refit


@pytest.fixture
def counted():
    return Counted()


@pytest.fixture
def copies(counted):
    with_them = Copies(Limits(), opened=counted)
    yield with_them
    with_them.close()


@pytest.fixture
def spec(tmp_path):
    return spec_of(LogisticRegression().fit(FRAME, np.array(CLASSES)[Y]), tmp_path / "m.skops", FRAME)


def copy_of(copies, spec, **prepared):
    return Copy(copies, spec, TRAINING, Prepared(how=How(), **prepared))


def expected(rows=slice(None), **weights):
    return LogisticRegression().fit(FRAME[rows], np.array(CLASSES)[Y][rows], **weights)


def test_copy_is_fitted_to_the_rows_that_are_kept(copies, spec):
    kept = np.arange(200) % 2 == 0

    told = copy_of(copies, spec, kept=kept, weights=np.linspace(1, 2, 200)).changed(Rows.of(ROWS))

    own = expected(kept, sample_weight=np.linspace(1, 2, 200)[kept])
    np.testing.assert_allclose(told.scores, own.predict_proba(FRAME)[:, 1], atol=1e-12)
    assert told.predicted.tolist() == (own.predict(FRAME) == "yes").astype(int).tolist()


def test_columns_are_shown_alike_when_it_is_fitted_and_when_it_is_asked(copies, spec):
    def without(columns):
        return columns | {"f0": replace(columns["f0"], values=np.zeros(len(columns["f0"])))}

    told = copy_of(copies, spec, shown=without).ask(ROWS.columns)

    own = LogisticRegression().fit(FRAME.assign(f0=0.0), np.array(CLASSES)[Y])
    np.testing.assert_allclose(told.scores, own.predict_proba(FRAME.assign(f0=0.0))[:, 1], atol=1e-12)


def test_rows_that_were_answered_are_not_asked_again(copies, spec, counted):
    copy = copy_of(copies, spec)
    whole = copy.changed(Rows.of(ROWS))
    copy.close()
    some = np.array([7, 3, 150])

    again = copy.changed(Rows.of(ROWS.where(some)))

    assert counted.opened == 1
    assert again.predicted.tolist() == whole.predicted[some].tolist()
    assert again.scores.tolist() == whole.scores[some].tolist()


def test_other_rows_are_asked(copies, spec, counted):
    copy = copy_of(copies, spec)
    copy.changed(Rows.of(ROWS.where(np.arange(100))))

    told = copy.changed(Rows.of(ROWS.where(np.arange(50, 150))))

    np.testing.assert_allclose(told.scores, expected().predict_proba(FRAME)[50:150, 1], atol=1e-12)
    assert counted.opened == 1


def test_few_processes_live_and_what_had_to_go_comes_back_the_same(copies, spec, counted):
    several = [copy_of(copies, spec) for _ in range(ALIVE + 1)]
    first = several[0].ask(ROWS.columns).scores.tolist()
    for one in several[1:]:
        one.ask(ROWS.columns)

    assert (counted.opened, counted.closed) == (ALIVE + 1, 1)
    assert several[0].ask(ROWS.columns).scores.tolist() == first
    assert (counted.opened, counted.closed) == (ALIVE + 2, 2)


def test_the_one_asked_longest_ago_makes_room(copies, spec, counted):
    several = [copy_of(copies, spec) for _ in range(ALIVE)]
    for one in (*several, several[0]):
        one.ask(ROWS.columns)
    copy_of(copies, spec).ask(ROWS.columns)
    several[0].ask(ROWS.columns)

    assert counted.opened == ALIVE + 1


def test_nothing_is_left_alive_where_it_is_closed(copies, spec, counted):
    copy_of(copies, spec).ask(ROWS.columns)
    copies.close()

    assert (counted.opened, counted.closed) == (1, 1)


def emptied(columns):
    return {name: replace(one, missing=np.ones(len(one), np.bool_)) for name, one in columns.items()}


def test_process_of_a_fit_that_fails_is_ended(copies, spec, counted):
    with pytest.raises(WorkerError) as failed:
        copy_of(copies, spec, shown=emptied).ask(ROWS.columns)

    assert failed.value.code == "refit_raised"
    assert counted.closed >= 1


def test_process_goes_on_where_the_copy_refuses_rows(copies, spec, counted):
    copy = copy_of(copies, spec)

    for _ in range(2):
        with pytest.raises(WorkerError) as refused:
            copy.ask(emptied(ROWS.columns))

    assert (refused.value.code, counted.opened) == ("model_raised", 1)
    assert copy.ask(ROWS.columns).n == 200


def ground(spec, training=TRAINING):
    return Ground(roles=TRAINING.roles, training=training, model=spec)


def test_remedy_keeps_what_is_left_of_the_training_rows_where_they_are_mended(copies, spec):
    kept = np.arange(200) < 150

    mended = tried(ground(spec), Prepared(how=How(), kept=kept, mended=True), copies)
    sampled = tried(ground(spec), Prepared(how=How(), kept=kept), copies)

    assert mended.training.n == 150
    assert sampled.training is None


@pytest.mark.parametrize(
    ("changes", "code"), [({"training": None}, "no_training_data"), ({"spec": None}, "no_model")]
)  # fmt: skip
def test_nothing_is_fitted_where_there_is_nothing_to_fit(copies, spec, counted, changes, code):
    told = tried(ground(**({"spec": spec} | changes)), Prepared(how=How()), copies)

    assert (told, counted.opened) == (NotTried(code=code), 0)


def test_no_row_left_is_a_reason(copies, spec):
    assert tried(ground(spec), Prepared(how=How(), kept=np.zeros(200, np.bool_)), copies) == NotTried(code="no_rows")


def test_model_that_cannot_be_weighed_says_so_when_it_learns(copies, tmp_path):
    spec = spec_of(KNeighborsClassifier().fit(FRAME, np.array(CLASSES)[Y]), tmp_path / "m.skops", FRAME)

    with pytest.raises(WorkerError) as refused:
        tried(ground(spec), Prepared(how=How(), weights=np.ones(200)), copies)

    assert refused.value.code == "refit_no_sample_weight"
