"""A submission described in a process of its own: the same draft, and refusals with their code and words."""

import json
import math
import subprocess
import sys

import pytest

from reliability.certification.describing import drafted, plain
from reliability.certification.drafting import draft_of
from reliability.errors import RecordError, ReliabilityError, SubmissionError
from reliability.words.text import LANGUAGES, words

CHECKLIST = "trustworthy-ai"
ROWS = "id,sex,approved,y_pred\n" + "".join(f"{n},{'FM'[n % 2]},{n % 3 % 2},{n % 2}\n" for n in range(40))
MANIFEST = """\
submission: 1
organisation: {name: 온고을신용}
system: {name: 심사 모델, version: "1.0", purpose: 승인 여부를 제안한다}
task: binary
data: {evaluation: data.csv, target: approved, favourable: 1, prediction: y_pred, id: id, sensitive: [sex]}
"""


@pytest.fixture
def submit(tmp_path):
    def write(manifest=MANIFEST, rows=ROWS, **files):
        (tmp_path / "submission.yaml").write_text(manifest, encoding="utf-8")
        (tmp_path / "data.csv").write_text(rows, encoding="utf-8")
        for name, content in files.items():
            (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
        return tmp_path

    return write


def with_population(lines):
    return {"manifest": MANIFEST.replace("id: id,", "id: id, population: population.csv,"),
            "population": f"column,value,share\n{lines}"}  # fmt: skip


def refusals(folder, checklist=CHECKLIST):
    """What is wrong, as it is found here and as another process tells it."""
    with pytest.raises(ReliabilityError) as here:
        drafted(folder, checklist)
    with pytest.raises(SubmissionError) as there:
        draft_of(folder, checklist)
    return here.value, there.value


def test_another_process_describes_a_submission_as_this_one_does(submit):
    here = drafted(folder := submit(), CHECKLIST, needs=False)

    assert draft_of(folder, CHECKLIST, needs=False) == here
    assert (here.organisation, here.system["name"], here.task) == ({"name": "온고을신용"}, "심사 모델", "binary")
    assert (here.model, here.training, here.evaluation["rows"]) == (None, None, 40)
    assert here.checklist["id"] == CHECKLIST


def test_how_many_rows_it_takes_is_told_where_it_is_asked_for(submit):
    folder = submit()
    needed, bare = draft_of(folder, CHECKLIST), drafted(folder, CHECKLIST, needs=False)

    assert needed.needs
    assert needed.model_copy(update={"needs": ()}) == bare
    assert all(set(one.limit) <= {"at_least", "at_most", "between", "equals"} for one in needed.needs)
    assert {one.n for one in needed.needs if not one.by} <= {0, 40}


@pytest.mark.parametrize(("lines", "code"), [
    ("sex,F,0.5\nsex,M,0.4\n", "population_sum"),
    ("sex,F\n", "population_ragged"),
])  # fmt: skip
def test_a_refusal_is_worded_as_if_it_had_been_found_here(submit, lines, code):
    here, there = refusals(submit(**with_population(lines)))

    assert (there.code, str(there)) == (here.code, str(here)) == (code, str(here))
    for lang in LANGUAGES:
        worded = [words(lang).text(f"error.{code}", **one.values) for one in (here, there)]
        assert worded[0] == worded[1]


@pytest.mark.parametrize("manifest", [
    MANIFEST.replace("target: approved", "target: {none: of these}"), "a: [",
], ids=["braces", "no yaml"])  # fmt: skip
def test_a_manifest_that_is_none_is_refused_in_the_same_words(submit, manifest):
    here, there = refusals(submit(manifest))

    assert (there.code, str(there)) == (here.code, str(here))


def test_a_checklist_that_there_is_none_of_is_refused_in_the_same_words(submit):
    here, there = refusals(submit(), "no-such-checklist")

    assert (there.code, str(there)) == (here.code, str(here))
    assert "no-such-checklist" in str(there)


@pytest.mark.parametrize(("value", "told"), [
    (3, 3), (0.9, 0.9), (-1, -1), ("{line}", "{line}"), (None, "None"), (True, "True"), (("a", "b"), "('a', 'b')"),
    (math.nan, "nan"), (math.inf, "inf"), (1 << 53, str(1 << 53)),
])  # fmt: skip
def test_a_number_stays_one_and_everything_else_is_told_as_text(value, told):
    assert plain(value) == told
    assert type(plain(value)) is type(told)


def test_a_process_that_says_nothing_is_told_of(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")

    with pytest.raises(RecordError) as caught:
        draft_of(tmp_path, CHECKLIST)
    assert (caught.value.code, caught.value.values["status"]) == ("draft_failed", 1)


def test_what_is_said_on_the_way_is_json_and_nothing_else(submit):
    command = [sys.executable, "-m", "reliability.certification.describing", submit(), CHECKLIST]
    done = subprocess.run(command, capture_output=True, check=True)

    assert json.loads(done.stdout)["task"] == "binary"
