import pytest

from reliability.case import read_case
from reliability.changes import Comparison
from reliability.compare.cases import case_of
from reliability.compare.comparison import compare
from reliability.errors import RecordError
from reliability.records import canonical_json
from tests import small_case
from tests.compare.two_cases import CRITERIA, ROWS, assessed, changes, rows_file, told, two


@pytest.fixture(scope="module")
def better(tmp_path_factory):
    """80 rows wrong before, 8 of them after."""
    return told(tmp_path_factory.mktemp("better"), range(80), range(8))


@pytest.fixture(scope="module")
def same(tmp_path_factory):
    folder = tmp_path_factory.mktemp("same")
    return folder, two(folder, range(80), range(80))


def test_a_case_against_itself_differs_in_nothing(same):
    _, (before, _) = same

    comparison = compare(before, before)

    assert comparison.identical
    assert (comparison.inputs, comparison.checklist, comparison.verdicts, comparison.answers) == ((), (), (), ())
    assert {one.claim for one in comparison.measurements} == {"same"}
    assert comparison.tested == 0


def test_the_same_predictions_under_another_version_change_inputs_only(same):
    _, cases = same

    comparison = compare(*cases)

    assert not comparison.identical
    assert {one.claim for one in comparison.measurements} == {"same"}
    assert {one.what for one in comparison.inputs} == {"system", "manifest", "evaluation_column"}


def test_a_large_gain_on_the_same_rows_is_claimed_as_better(better):
    accuracy = changes(better)["performance.accuracy",]

    assert (accuracy.claim, accuracy.basis) == ("better", "paired")
    assert accuracy.difference.value == pytest.approx(72 / ROWS)
    assert accuracy.difference.method == "newcombe_paired"
    assert accuracy.difference.low > 0
    assert accuracy.difference.adjusted < 1e-6


def test_the_other_way_round_it_is_worse(tmp_path):
    accuracy = changes(told(tmp_path, range(8), range(80)))["performance.accuracy",]

    assert (accuracy.claim, accuracy.difference.value) == ("worse", pytest.approx(-72 / ROWS))


def test_a_change_of_two_rows_is_not_shown(tmp_path):
    comparison = told(tmp_path, range(80), range(2, 80))

    assert changes(comparison)["performance.accuracy",].claim == "not_shown"
    assert all(one.claim in {"not_shown", "same", "untested"} for one in comparison.measurements)


def test_scores_of_the_same_rows_are_paired(better):
    area = changes(better)["performance.roc_auc",]

    assert (area.basis, area.difference.method, area.claim) == ("paired", "mover_paired", "better")


def test_slices_are_compared_without_pairs_because_records_do_not_say_who_is_in_them(better):
    sliced = [one for key, one in changes(better).items() if one.after.slice]

    assert len(sliced) == 2
    assert {one.basis for one in sliced} == {"unpaired"}
    assert {one.difference.method for one in sliced} == {"square_and_add"}


def test_what_is_reported_only_is_not_tested(better):
    reported = changes(better)["performance.f1_macro",]

    assert (reported.claim, reported.reason) == ("untested", "reported_only")
    assert reported.difference.adjusted is None
    assert reported.difference.low < reported.difference.value < reported.difference.high


def test_numbers_of_the_whole_file_have_no_sampling_error(better):
    assert changes(better)["data_quality.value_completeness",].claim == "same"


def test_only_judged_measurements_that_changed_are_counted_as_tested(better):
    tested = [one for one in better.measurements if one.difference and one.difference.adjusted is not None]

    assert better.tested == len(tested)
    assert {one.after.check for one in tested} <= {
        "performance.accuracy", "performance.roc_auc", "fairness.selection_rate_ratio",
        "fairness.selection_rate_difference",
    }  # fmt: skip


def test_the_pair_of_groups_that_was_worst_before_is_followed(tmp_path):
    # Before: every M of 60 is refused wrongly; after: none is.
    criteria = {"FAI_01": CRITERIA["FAI_01"]}
    comparison = told(tmp_path, range(2, 242, 4), (), criteria=criteria)

    gap = changes(comparison)["fairness.selection_rate_difference", "sex"]

    assert gap.basis == "fixed_pair"
    assert [group.slice for group in gap.difference.pair] == gap.before.details["worst"]
    assert gap.difference.groups == 2
    assert gap.claim == "better"


def test_confidence_is_that_of_the_stricter_checklist(same):
    _, cases = same

    assert compare(*cases).confidence == 0.95


def test_different_seeds_are_an_input_and_nothing_else_here(tmp_path):
    rows_file(tmp_path / "in", range(80), range(80))
    used = small_case.checklist(tmp_path, **CRITERIA)
    cases = [assessed(tmp_path, 1, used, out=f"seed-{seed}", seed=seed) for seed in (0, 7)]

    comparison = compare(*cases)

    assert [(one.what, one.before, one.after) for one in comparison.inputs] == [("seed", 0, 7)]
    assert {one.claim for one in comparison.measurements} == {"same"}
    assert not comparison.identical


def test_the_record_is_the_same_whenever_it_is_made_and_reads_back(better, tmp_path):
    again = Comparison.model_validate_json(canonical_json(better))

    assert canonical_json(again) == canonical_json(better)


def test_a_case_is_read_from_its_folder_and_from_its_record(same):
    folder, (before, _) = same
    path = folder / "case-1"

    assert case_of(read_case(path), path) == before
    assert case_of(read_case(path / "assessment.json"), path / "assessment.json") == before


def test_rows_that_are_not_those_of_the_record_are_refused(tmp_path):
    before, after = two(tmp_path, range(80), range(8))
    after.rows.write_bytes(before.rows.read_bytes())

    with pytest.raises(RecordError, match="not the rows of this case") as caught:
        compare(before, after)

    assert caught.value.code == "rows_changed"


def test_titles_name_every_item_that_is_spoken_of(better):
    spoken = {item for one in better.measurements for item in one.items}

    assert spoken <= set(better.titles)
    assert better.titles["PER-01"] == {"ko": "요건", "en": "A requirement"}
