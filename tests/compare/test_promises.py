"""What advice promised, held against the case of the version that followed it."""

import json

import numpy as np
import pytest

from reliability.advise.parity import group_remedies
from reliability.advise.remedies import Ground, Rows
from reliability.blocks import Block
from reliability.compare.cases import case_of
from reliability.compare.promises import prediction, promises
from reliability.errors import UsageError
from reliability.records import Measurement, Reason, canonical_json
from tests.advise.planted import advised, case, finding, handed_in

CHECK = "fairness.selection_rate_ratio"


def one(value, low=None, high=None, reason=None):
    return Measurement(value=value, low=low, high=high, n=100, unit="share", reason=reason)


def whole(submission) -> Block:
    return next(submission.evaluation.blocks())


def applied(folder, submission):
    """The same submission after thresholds by group, learnt from all of its rows."""
    block = whole(submission)
    remedy = group_remedies("demographic_parity", ("sex",))[0]
    changed = remedy.learn(Ground(roles=block.roles, answered=block)).changed(Rows.of(block))
    return handed_in(folder, n=6_000, columns={"y_pred": changed.predicted})


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """A case with its advice, a case after the advice was followed, and one where it was not."""
    folder = tmp_path_factory.mktemp("promised")
    before = handed_in(folder / "before", n=6_000)
    assessment = case(folder / "before", before)
    followed = case(folder / "after", applied(folder / "after", before))
    ignored = case(folder / "same", handed_in(folder / "same", n=6_000, seed=70))
    cases = [case_of(each, folder / name / "case")
             for each, name in ((assessment, "before"), (followed, "after"), (ignored, "same"))]  # fmt: skip
    advice = advised(assessment, before)
    (folder / "advice.json").write_bytes(canonical_json(advice))
    return advice, cases, folder


@pytest.fixture(scope="module")
def remedy(given):
    return finding(given[0], "FAI-01").confirmed[0].remedy


def ratio(found):
    return next(each for each in found if each.promised.check == CHECK)


def test_a_promise_that_was_followed_is_kept(given, remedy):
    advice, (before, after, _), _ = given
    told = ratio(promises(advice, remedy, before, after))

    assert told.kept
    assert told.low <= told.found.value <= told.high
    assert told.promised.value == pytest.approx(finding(advice, "FAI-01").confirmed[0].numbers[0].after.value)


def test_a_promise_that_was_not_followed_is_not(given, remedy):
    advice, (before, _, same), _ = given
    told = ratio(promises(advice, remedy, before, same))

    assert told.kept is False
    assert told.found.value < told.low


def test_what_the_new_case_does_not_have_is_not_known(given, remedy, tmp_path):
    advice, (before, *_), _ = given
    submission = handed_in(tmp_path)
    other = "check: performance.accuracy, at_least: 0.5, source: house default"
    bare = case_of(case(tmp_path, submission, PER_01=other), tmp_path / "case")
    told = ratio(promises(advice, remedy, before, bare))

    assert (told.found, told.kept, told.low) == (None, None, None)


def test_advice_on_another_case_is_refused(given, remedy):
    advice, (before, after, _), _ = given

    with pytest.raises(UsageError, match="another case"):
        promises(advice, remedy, after, before)


def test_a_remedy_that_was_not_confirmed_is_refused_and_those_that_were_are_named(given, remedy):
    advice, (before, after, _), _ = given

    with pytest.raises(UsageError, match=f"there are: .*{remedy}"):
        promises(advice, "R99", before, after)


@pytest.mark.parametrize(
    ("promised", "found", "told"),
    [
        (one(0.8, 0.7, 0.9), one(0.5, 0.4, 0.6), (0.8 - 0.1 * 2**0.5, 0.8 + 0.1 * 2**0.5)),
        (one(0.8, 0.76, 0.84), one(0.5, 0.47, 0.53), (0.75, 0.85)),
        # What faces the promise counts: the upper half of the new number below it, the lower half above.
        (one(0.8, 0.76, 0.8), one(0.5, 0.5, 0.53), (0.75, 0.8)),
    ],
)
def test_half_widths_are_squared_and_added(promised, found, told):
    assert prediction(promised, found) == pytest.approx(told)


def test_a_number_known_exactly_reaches_nowhere():
    exact = one(0.8, reason=Reason(code="whole_file"))

    assert prediction(exact, exact) == (0.8, 0.8)


def test_nine_new_numbers_of_ten_and_more_lie_where_a_true_promise_puts_them():
    draws = np.random.default_rng(1)
    kept = 0
    for _ in range(2_000):
        told = []
        for n in (400, 900):
            share = draws.binomial(n, 0.7) / n
            half = 1.96 * (share * (1 - share) / n) ** 0.5
            told.append(one(share, share - half, share + half))
        low, high = prediction(*told)
        kept += low <= told[1].value <= high

    assert kept / 2_000 == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize(("lang", "word"), [("en", "kept"), ("ko", "지켜짐")])
def test_compare_tells_which_promises_were_kept(run, given, remedy, lang, word):
    folder = given[2]
    ran = run("compare", folder / "before" / "case", folder / "after" / "case", "--advice", folder / "advice.json",
              "--applied", remedy, lang=lang)  # fmt: skip

    assert ran.status == 0
    assert f"● {word}  FAI-01" in ran.out


def test_the_record_carries_the_promises_only_where_advice_was_given(run, given, remedy):
    folder = given[2]
    cases = (folder / "before" / "case", folder / "after" / "case")
    with_advice = json.loads(
        run("compare", *cases, "--advice", folder / "advice.json", "--applied", remedy, "--json").out
    )

    assert {each["kept"] for each in with_advice["promises"]} <= {True, False}
    assert "promises" not in json.loads(run("compare", *cases, "--json").out)


@pytest.mark.parametrize("alone", [("--advice", "advice.json"), ("--applied", "R1")])
def test_advice_and_the_remedy_applied_go_together(run, given, alone):
    folder = given[2]
    ran = run("compare", folder / "before" / "case", folder / "after" / "case", *alone)

    assert ran.status == 2
    assert "go together" in ran.err


def test_what_is_no_advice_is_refused(run, given, tmp_path):
    folder = given[2]
    (tmp_path / "advice.json").write_text("{}", encoding="utf-8")
    for place in (tmp_path, tmp_path / "nowhere.json"):
        ran = run(
            "compare", folder / "before" / "case", folder / "after" / "case", "--advice", place, "--applied", "R1"
        )
        assert ran.status == 2
        assert "not advice of format 1" in ran.err
