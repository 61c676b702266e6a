import threading
import time
from itertools import count as counter

import numpy as np
import pytest

from reliability.checklist.catalogue import Check, checks
from reliability.checklist.judge import because
from reliability.engine import Call, Counted, Measuring, Request, count, requests_of, stream_seed
from reliability.errors import NotMeasurable, WorkerError
from reliability.evidence.probe import Answers
from reliability.intervals.proportions import clopper_pearson
from reliability.records import Measurement
from tests.builders import block

ACCURACY = checks()["performance.accuracy"]
REPEATABILITY = checks()["robustness.repeatability"]
MATRIX = Request(kind="confusion_matrix")


class Parity:
    """Predicts 1 for odd values of x; remembers how often it was asked."""

    def __init__(self, fails=()):
        self.fails, self.asked, self.closed = fails, 0, False

    def answer(self, columns, /):
        self.asked += 1
        if self.asked in self.fails:
            raise WorkerError("model_timeout", "too slow: {seconds}", seconds="3")
        labels = columns["x"].values % 2
        return Answers(labels=labels, scores=labels * 0.5)

    def close(self):
        self.closed = True


def check_of(function, *evidence, name="made.up"):
    return Check(name=name, function=function, title="", description="", evidence=evidence, options={})


def rows_of(start, n=4):
    return block([0, 1] * (n // 2), columns={"x": list(range(start, start + n))}, start=start)


def grouped(*sizes, wrong=0, levels="ABCDEFG"):
    """Groups of these sizes; the first `wrong` rows of each are predicted wrong."""
    names = [name for name, size in zip(levels, sizes, strict=False) for _ in range(size)]
    y_pred = [0 if place < wrong else 1 for size in sizes for place in range(size)]
    return block([1] * len(names), y_pred, groups={"g": names})


def sliced(rows, check=ACCURACY, **kept):
    call = Call(check=check, by=("g",), **kept)
    counted = Counted(evidence=count([rows], requests_of([call]), seed=0))
    return Measuring(counted=counted, seed=0).measure(call)


def measuring(call, *blocks, model=None, failure=None):
    models = [] if model is None else [model]
    counted = Counted(evidence=count(blocks, requests_of([call]), seed=0, models=models), failure=failure)
    return Measuring(counted=counted, seed=0, open_model=None if model is None else lambda: model)


def test_count_adds_blocks_when_there_are_several():
    evidence = count([block([0, 1], [0, 1]), block([1, 1], [0, 1], start=2)], [MATRIX], seed=0)

    assert evidence[MATRIX].counts.tolist() == [[1, 0], [1, 2]]


def test_count_is_empty_when_there_is_no_block():
    assert count([], [MATRIX], seed=0) == {}


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_count_hands_blocks_on_in_order_whatever_the_threads_do(jobs):
    class Slow(Parity):
        def answer(self, columns, /):
            time.sleep(0.02 if columns["x"].values[0] == 0 else 0)
            return super().answer(columns)

    starts = []

    blocks = (rows_of(start) for start in range(0, 40, 4))
    count(
        blocks, [MATRIX], seed=0, models=[Slow() for _ in range(jobs)], jobs=jobs, each=lambda b: starts.append(b.start)
    )

    assert starts == list(range(0, 40, 4))


def test_count_gives_identical_evidence_when_one_or_two_jobs_run():
    requests = [MATRIX, Request(kind="moments"), Request(kind="row_digests"), Request(kind="sample")]

    def counted(jobs):
        blocks = [rows_of(start, 6) for start in range(0, 60, 6)]
        return count(blocks, requests, seed=7, models=[Parity() for _ in range(jobs)], jobs=jobs)

    one, two = counted(1), counted(2)
    assert one[MATRIX].counts.tolist() == two[MATRIX].counts.tolist()
    sums = [{name: moments.sum(name) for name in moments.sums} for moments in (one[requests[1]], two[requests[1]])]
    assert sums[0] == sums[1] != {}
    assert one[requests[2]].duplicates() == two[requests[2]].duplicates()
    assert one[requests[3]].positions.tolist() == two[requests[3]].positions.tolist()
    assert one[requests[3]].y_pred.tolist() == two[requests[3]].y_pred.tolist()


def test_count_shows_each_block_its_answers_without_its_columns():
    seen = []

    count([rows_of(0)], [MATRIX], seed=0, models=[Parity()], each=seen.append)

    assert seen[0].y_pred.tolist() == [0, 1, 0, 1]
    assert (seen[0].columns, seen[0].roles.has_predictions, seen[0].roles.has_scores) == ({}, True, True)


@pytest.mark.parametrize("jobs", [1, 2])
def test_count_stops_when_a_model_fails(jobs):
    models = [Parity(fails={2}) for _ in range(jobs)]

    with pytest.raises(WorkerError, match="too slow: 3"):
        count((rows_of(start) for start in range(0, 400, 4)), [MATRIX], seed=0, models=models, jobs=jobs)

    assert sum(model.asked for model in models) <= 2 * jobs + 2


def test_count_ends_the_other_workers_when_one_fails():
    ended = threading.Event()

    class Hanging(Parity):
        def answer(self, columns, /):
            if columns["x"].values[0] == 0:
                raise WorkerError("model_raised", "no")
            ended.wait(20)
            return super().answer(columns)

        def close(self):
            ended.set()

    began = time.monotonic()
    with pytest.raises(WorkerError):
        count([rows_of(0), rows_of(4), rows_of(8)], [MATRIX], seed=0, models=[Hanging(), Hanging()], jobs=2)

    assert time.monotonic() - began < 10


def test_count_keeps_every_level_when_blocks_hold_different_ones():
    request = Request(kind="confusion_matrix", sliced=("g",))
    blocks = [block([1], [1], groups={"g": ["A"]}), block([1, 0], [1, 1], groups={"g": ["B", None]}, start=1)]

    evidence = count(blocks, [request], seed=0)[request]

    assert {level: matrix.n for level, matrix in evidence.items()} == {("A",): 1, ("B",): 1, (None,): 1}


def test_count_slices_by_pairs_when_two_attributes_are_named():
    request = Request(kind="confusion_matrix", sliced=("g", "h"))
    rows = block([1, 1, 1], [1, 1, 0], groups={"g": ["A", "A", "B"], "h": ["x", "y", None]})

    assert set(count([rows], [request], seed=0)[request]) == {("A", "x"), ("A", "y"), ("B", None)}


def test_requests_are_counted_once_when_calls_share_them():
    calls = [Call(check=ACCURACY), Call(check=checks()["performance.f1"]), Call(check=ACCURACY, by=("g",))]

    kinds = [(one.kind, one.compared, one.sliced) for one in requests_of(calls)]

    assert kinds == [
        ("confusion_matrix", (), ()),
        ("confusion_matrix", (), ("g",)),
        ("group_sizes", ("g",), ()),
    ]


def test_request_compares_when_a_check_names_groups():
    call = Call(check=checks()["fairness.selection_rate_ratio"], by=("g",))

    assert call.requests() == (Request(kind="group_counts", compared=("g",)),)


def test_request_of_training_evidence_is_never_sliced():
    call = Call(check=checks()["leakage.training_overlap"], by=("g",))

    own, training = call.requests()[:2]
    assert (own.sliced, training.sliced) == (("g",), ())
    assert (own.from_training, training.from_training, training.needs_predictions) == (False, True, False)


def test_measure_fills_what_a_check_leaves_open():
    call = Call(check=ACCURACY, confidence=0.9)
    made = measuring(call, block([0, 1, 1, 1], [0, 1, 1, 0]))

    (got,) = made.measure(call)

    assert (got.check, got.by, got.slice, got.confidence, got.seed) == ("performance.accuracy", (), {}, 0.9, 0)
    assert (got.value, got.n) == (0.75, 4)
    assert (got.low, got.high) == pytest.approx(clopper_pearson(3, 4, confidence=0.9))


def test_measure_gives_one_measurement_a_slice():
    measured = sliced(grouped(40, 50, wrong=4))

    assert [(one.slice, one.value, one.n, one.by) for one in measured] == [
        ({"g": "A"}, 0.9, 40, ("g",)),
        ({"g": "B"}, 0.92, 50, ("g",)),
    ]


def test_slices_carry_intervals_at_the_confidence_shared_among_the_judged():
    measured = sliced(grouped(40, 50, 60, wrong=4))

    adjusted = [one.details["adjusted"] for one in measured]
    assert [one["confidence"] for one in adjusted] == pytest.approx([1 - 0.05 / 3] * 3)
    assert (adjusted[0]["low"], adjusted[0]["high"]) == pytest.approx(clopper_pearson(36, 40, confidence=1 - 0.05 / 3))
    assert [one.confidence for one in measured] == [0.95] * 3


def test_small_and_unknown_slices_are_listed_and_not_judged():
    rows = grouped(40, 29, 50, 35, wrong=2, levels=["A", "B", "C", None])

    found = {one.slice["g"]: one for one in sliced(rows)}

    assert {name: one.judged for name, one in found.items()} == {"A": True, "B": False, "C": True, None: False}
    assert found["B"].reason.with_ == {"n": 29, "minimum": 30}
    assert (found["B"].reason.code, found[None].reason.code) == ("group_too_small", "group_unknown")
    assert [name for name, one in found.items() if "adjusted" in one.details] == ["A", "C"]
    assert found["A"].details["adjusted"]["confidence"] == pytest.approx(1 - 0.05 / 2)


def test_slices_of_one_judged_group_need_no_adjusted_interval():
    assert all("adjusted" not in one.details for one in sliced(grouped(40, 3)))


def test_slice_says_how_many_rows_it_holds_when_its_n_counts_something_else():
    positive = check_of(
        lambda confusion_matrix: Measurement(value=1, low=0, high=1, n=7, unit="share"), "confusion_matrix"
    )

    assert [(one.n, one.details["rows"]) for one in sliced(grouped(40, 50), positive)] == [(7, 40), (7, 50)]


def test_empty_declared_level_is_listed_when_no_row_is_in_it():
    rows = block([1] * 60, [1] * 60, groups={"g": ["A", "B"] * 30})
    rows = rows.where(np.arange(60) % 2 == 0)

    found = {one.slice["g"]: one for one in sliced(rows)}

    assert (found["B"].value, found["B"].n, found["B"].judged, found["B"].reason.code) == (
        None,
        0,
        False,
        "group_too_small",
    )


def test_comparison_over_no_attribute_of_a_slice_is_called_once():
    call = Call(check=checks()["fairness.selection_rate_ratio"], by=("g",))

    (got,) = measuring(call, grouped(40, 40, wrong=4)).measure(call)

    assert (got.by, got.slice, len(got.details["groups"])) == (("g",), {}, 2)


def refusing(confusion_matrix):
    raise NotMeasurable("one_class", n=4)


def failing(confusion_matrix):
    raise WorkerError("model_exited", "status {status}", status=3)


@pytest.mark.parametrize(
    ("function", "code", "with_"), [(refusing, "one_class", {"n": 4}), (failing, "model_exited", {"status": 3})]
)
def test_refusal_and_failure_of_a_check_become_reasons(function, code, with_):
    call = Call(check=check_of(function, "confusion_matrix"))

    (got,) = measuring(call, block([0, 1], [0, 1])).measure(call)

    assert (got.value, got.low, got.high, got.n, got.judged) == (None, None, None, 0, False)
    assert (got.reason.code, got.reason.with_, got.check) == (code, with_, "made.up")


def test_bug_in_a_check_is_not_caught():
    call = Call(check=check_of(lambda confusion_matrix: 1 // 0, "confusion_matrix"))

    with pytest.raises(ZeroDivisionError):
        measuring(call, block([0, 1], [0, 1])).measure(call)


def test_slices_stay_measured_when_the_model_fails_the_second_time():
    calls = counter()

    def twice(confusion_matrix, *, confidence):
        if next(calls) >= 2:
            raise WorkerError("model_raised", "no")
        one = Measurement(value=1, low=0, high=1, n=40, unit="share")
        return (one, one)

    measured = sliced(grouped(40, 40), check_of(twice, "confusion_matrix"))

    assert [one.value for one in measured] == [1, 1, 1, 1]
    assert all("adjusted" not in one.details for one in measured)


@pytest.mark.parametrize(("code", "opened"), [("model_raised", 1), ("model_crashed", 3)])
def test_worker_outlives_a_refusal_that_a_check_asked_for_and_nothing_else(code, opened):
    workers = []

    class Refusing(Parity):
        def attempt(self, columns, /):
            raise WorkerError(code, "no")

    def open_model():
        workers.append(Refusing())
        return workers[-1]

    def three_times(probe):
        for _ in range(3):
            with pytest.raises(WorkerError):
                probe.tried(probe.sample.columns)
        return Measurement(value=1, low=0, high=1, n=3, unit="share")

    call = Call(check=check_of(three_times, "probe"))
    rows = block([0, 1], [0, 1], columns={"x": [0.0, 1.0]})
    evidence = count([rows], list(requests_of([call])), seed=0)
    Measuring(counted=Counted(evidence=evidence), seed=0, open_model=open_model).measure(call)

    assert len(workers) == opened


def test_reason_is_the_failure_of_the_model_when_answers_are_missing():
    made = Measuring(counted=Counted(failure=because("model_timeout", seconds="3")), seed=0)

    (got,) = made.measure(Call(check=ACCURACY))

    assert (got.reason.code, got.reason.with_) == ("model_timeout", {"seconds": "3"})


def test_reason_is_missing_predictions_when_nothing_failed():
    (got,) = Measuring(counted=Counted(), seed=0).measure(Call(check=ACCURACY))

    assert got.reason.code == "no_predictions"


def test_probe_is_not_asked_when_the_model_failed_before():
    call, model = Call(check=REPEATABILITY, by=("g",)), Parity()
    rows = block([0, 1], columns={"x": [0, 1]}, groups={"g": ["A", "B"]})
    made = measuring(call, rows, failure=because("model_raised", type="E", message=""))
    made.open_model = lambda: model

    (got,) = made.measure(call)

    assert (got.reason.code, got.slice, model.asked) == ("model_raised", {}, 0)


def test_probe_has_no_model_when_predictions_were_handed_in():
    call = Call(check=REPEATABILITY)

    (got,) = measuring(call, block([0, 1], [0, 1], columns={"x": [0, 1]})).measure(call)

    assert got.reason.code == "no_model"


def test_probe_asks_one_worker_and_a_fresh_one_anew():
    opened = []

    def twice(probe):
        columns = probe.sample.columns
        same = [probe.ask(columns).labels, probe.ask(columns).labels, probe.ask_anew(columns).labels]
        right = sum(np.array_equal(one, probe.answers.labels) for one in same)
        return Measurement(value=right, low=0, high=3, n=4, unit="count")

    def open_model():
        opened.append(Parity())
        return opened[-1]

    call = Call(check=check_of(twice, "probe"))
    made = measuring(call, rows_of(0), model=Parity())
    made.open_model = open_model

    assert made.measure(call)[0].value == 3
    made.close()
    assert [(model.asked, model.closed) for model in opened] == [(2, True), (1, True)]


def test_probe_after_a_failure_asks_a_fresh_worker():
    opened = []

    def open_model():
        opened.append(Parity(fails={1} if not opened else ()))
        return opened[-1]

    def once(probe):
        return Measurement(value=probe.ask(probe.sample.columns).n, low=0, high=9, n=4, unit="count")

    call = Call(check=check_of(once, "probe"))
    made = measuring(call, rows_of(0), model=Parity())
    made.open_model = open_model

    values = [made.measure(call)[0].value for _ in range(2)]
    assert (values, [model.closed for model in opened]) == ([None, 4], [True, False])


def test_seed_and_options_reach_a_check_that_names_them():
    def told(confusion_matrix, *, strength, seed, confidence):
        details = {"strength": strength, "seed": seed, "confidence": confidence}
        return Measurement(value=1, low=0, high=1, n=1, unit="share", details=details)

    call = Call(check=check_of(told, "confusion_matrix"), options=(("strength", 0.5),), confidence=0.8)
    (got,) = measuring(call, block([0, 1], [0, 1])).measure(call)

    assert got.details == {"strength": 0.5, "confidence": 0.8, "seed": stream_seed(0, "made.up", {"strength": 0.5})}


def test_stream_seed_depends_on_seed_check_and_options_alone():
    own = stream_seed(0, "robustness.noise_consistency", {"strength": 0.1})

    assert own == stream_seed(0, "robustness.noise_consistency", {"strength": 0.1})
    others = {
        stream_seed(1, "robustness.noise_consistency", {"strength": 0.1}),
        stream_seed(0, "robustness.repeatability", {"strength": 0.1}),
        stream_seed(0, "robustness.noise_consistency", {"strength": 0.2}),
    }
    assert len(others | {own}) == 4
    assert all(0 <= one < 2**53 for one in others)


def test_measurement_does_not_move_when_other_calls_are_added():
    noise = Call(check=checks()["robustness.noise_consistency"])
    rows = block([0, 1] * 50, columns={"x": list(range(100))})

    def measured(*calls):
        counted = Counted(evidence=count([rows], requests_of(calls), seed=3, models=[Parity()]))
        made = Measuring(counted=counted, seed=3, open_model=Parity)
        return {call: made.measure(call) for call in calls}[noise]

    assert measured(noise) == measured(Call(check=REPEATABILITY), Call(check=ACCURACY), noise)


def test_stating_the_default_of_an_option_draws_the_same_numbers(monkeypatch):
    seeds = []
    check = checks()["robustness.noise_consistency"]
    measuring = Measuring(counted=Counted(), seed=3)
    monkeypatch.setattr(measuring, "_evidence", lambda *_: None)
    for options in ((), (("strength", 0.1),), (("strength", 0.2),)):
        seeds.append(measuring._arguments(Call(check=check, options=options), None)["seed"])

    assert seeds[0] == seeds[1]
    assert seeds[0] != seeds[2]


def test_checks_on_one_sample_share_what_they_were_told_and_slices_do_not():
    def told(probe):
        n = probe.remembered("n", lambda: probe.ask(probe.sample.columns).n)
        return Measurement(value=n, low=0, high=99, n=n, unit="count")

    def again(probe):
        return told(probe)

    rows = block([0, 1] * 35, columns={"x": list(range(70))}, groups={"g": ["a"] * 40 + ["b"] * 30})
    calls = [Call(check=check_of(one, "probe", name=one.__name__)) for one in (told, again)]
    calls.append(Call(check=check_of(told, "probe"), by=("g",)))
    counted = Counted(evidence=count([rows], requests_of(calls), seed=0, models=[Parity()]))
    model = Parity()
    made = Measuring(counted=counted, seed=0, open_model=lambda: model)

    assert [[one.value for one in made.measure(call)] for call in calls] == [[70], [70], [40, 30]]
    assert model.asked == 3


def test_a_check_that_counts_failures_goes_on_with_a_fresh_worker():
    opened = []

    def open_model():
        opened.append(Parity(fails={2}))
        return opened[-1]

    def counting(probe):
        failed = 0
        for _ in range(5):
            try:
                probe.ask(probe.sample.columns)
            except WorkerError:
                failed += 1
        return Measurement(value=failed, low=0, high=5, n=5, unit="count")

    call = Call(check=check_of(counting, "probe"))
    made = measuring(call, rows_of(0), model=Parity())
    made.open_model = open_model

    # Every second question of a worker fails, and ends it.
    assert made.measure(call)[0].value == 2
    assert [model.closed for model in opened] == [True, True, False]
