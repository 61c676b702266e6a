import itertools
from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.certification.verdicts import (
    EXIT,
    Check,
    Kind,
    Standing,
    State,
    Verdict,
    Verified,
    held,
    not_checked,
    not_held,
    refused,
    together,
    verdict_of,
)
from reliability.errors import RecordError
from reliability.records import canonical_json
from reliability.words.text import LANGUAGES, words

POINTS = {
    "not_genuine": not_held("file", "file_changed"),
    "other_model": not_held("model", "model_other"),
    "not_reproduced": not_held("rerun", "rerun_differs"),
    "time_unproven": not_held("time", "time_not_proven"),
    "issuer_unknown": not_checked("signer", "trust_missing"),
    "not_in_force": not_held("status", "status_expired"),
    "status_unknown": not_checked("status", "register_missing"),
    "status_old": not_checked("status", "status_old"),
}


def test_every_verdict_has_its_exit_status():
    assert list(EXIT) == list(get_args(Verdict))
    assert EXIT == {
        "unreadable": 2, "not_genuine": 4, "other_model": 4, "not_reproduced": 4, "time_unproven": 3,
        "issuer_unknown": 3, "not_in_force": 1, "status_unknown": 3, "status_old": 3, "in_force": 0, "whole": 0,
    }  # fmt: skip


@pytest.mark.parametrize("verdict", POINTS)
def test_a_point_comes_to_its_verdict(verdict):
    assert verdict_of([held("file"), POINTS[verdict]], "in_force") == verdict


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(POINTS, 2)))
def test_of_two_verdicts_the_one_that_comes_first_counts(first, second):
    assert list(EXIT).index(first) < list(EXIT).index(second)
    assert verdict_of([POINTS[second], POINTS[first]], "in_force") == first


def test_where_all_holds_the_best_verdict_stands():
    assert verdict_of([held("file"), not_checked("checkpoint", "checkpoint_missing")], "whole") == "whole"


@pytest.mark.parametrize("check", [one for one in get_args(Check) if one not in ("time", "status", "model", "rerun")])
def test_whatever_else_does_not_hold_is_not_genuine(check):
    assert not_held(check, "code").verdict == "not_genuine"


def file(verdict):
    return Verified(file="a", kind="pdf", verdict=verdict, exit=EXIT[verdict])


@pytest.mark.parametrize(("verdicts", "status"), [
    (("in_force", "whole"), 0), (("in_force", "not_in_force"), 1), (("not_in_force", "status_unknown"), 1),
    (("time_unproven", "not_in_force"), 3), (("not_genuine", "time_unproven"), 4), (("unreadable", "not_genuine"), 2),
])  # fmt: skip
def test_several_files_exit_as_the_worst(verdicts, status):
    assert together(date(2026, 11, 20), [file(one) for one in verdicts]).exit == status


def test_a_refusal_keeps_its_code_and_values():
    point = refused("chain", RecordError("chain_short", "{size} of {known}", size=3, known=9))

    assert (point.state, point.code, point.with_) == ("not_held", "chain_short", {"size": 3, "known": 9})


def test_a_number_wider_than_json_keeps_is_told_as_text():
    point = not_held("chain", "chain_row_broken", sequence=1 << 60, at=date(2026, 11, 20))

    assert point.with_ == {"sequence": str(1 << 60), "at": "2026-11-20"}
    assert canonical_json(point)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_that_is_told_has_words(lang):
    said = words(lang)
    named = [*(f"verify.check.{one}" for one in get_args(Check)), *(f"verify.state.{one}" for one in get_args(State))]
    told = [*(f"verify.sentence.{one}" for one in EXIT if one != "not_in_force"),
            *(f"verify.sentence.not_in_force.{one}" for one in get_args(Standing) if one != "active"),
            *(f"verify.why.status_{one}" for one in get_args(Standing) if one != "active")]  # fmt: skip

    assert [key for key in (*named, *told) if key not in said] == []


def test_kinds_of_files_are_a_closed_list():
    assert set(get_args(Kind)) == {"pdf", "report", "statement", "case", "status", "register"}


# Exit statuses in the order in which they count: unreadable, not genuine, unproven, not in force, unknown, good.
PRECEDENCE = (2, 4, 3, 1, 3, 0)
EVERY_POINT = st.lists(st.sampled_from([held("file"), not_checked("checkpoint", "checkpoint_missing"),
                                        *POINTS.values()]), max_size=6)  # fmt: skip


def test_exit_statuses_count_in_one_order():
    assert [status for status, _ in itertools.groupby(EXIT.values())] == list(PRECEDENCE)


@pytest.mark.parametrize(("bad", "status"), [
    (("time_unproven", "not_in_force", "status_unknown"), 3), (("not_genuine", "time_unproven", "not_in_force"), 4),
    (("not_in_force", "status_old"), 1), (("status_old", "status_unknown"), 3), (("issuer_unknown", "not_in_force"), 3),
    (("other_model", "status_unknown"), 4), (("not_reproduced", "not_in_force"), 4), (tuple(POINTS), 4), ((), 0),
])  # fmt: skip
def test_points_together_exit_as_the_table_says(bad, status):
    assert EXIT[verdict_of([POINTS[one] for one in bad], "in_force")] == status


@given(points=EVERY_POINT, order=st.randoms(use_true_random=False))
def test_the_order_in_which_points_are_looked_at_changes_no_verdict(points, order):
    shuffled = list(points)
    order.shuffle(shuffled)

    assert verdict_of(shuffled, "in_force") == verdict_of(points, "in_force")
    assert verdict_of([*points, *points], "in_force") == verdict_of(points, "in_force")


@given(points=EVERY_POINT, more=EVERY_POINT)
def test_a_further_point_never_makes_a_verdict_better(points, more):
    rank = list(EXIT).index

    assert rank(verdict_of([*points, *more], "in_force")) <= rank(verdict_of(points, "in_force"))


@given(points=EVERY_POINT)
def test_a_verdict_is_that_of_one_of_the_points_or_the_best(points):
    verdict = verdict_of(points, "whole")

    assert verdict in {one.verdict for one in points} | {"whole"}
    assert (verdict == "whole") == all(one.verdict is None for one in points)


@given(verdicts=st.lists(st.sampled_from(list(EXIT)), min_size=1, max_size=6))
def test_several_files_are_as_good_as_the_worst_of_them_in_any_order(verdicts):
    files = [file(one) for one in verdicts]
    found = together(date(2026, 11, 20), files)

    assert found.exit == together(date(2026, 11, 20), reversed(files)).exit
    assert found.exit == EXIT[min(verdicts, key=list(EXIT).index)]
    assert found.files == tuple(files)
