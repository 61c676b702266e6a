import re

import pytest

from reliability.changes import Promise
from reliability.cli.comparison import CLAIM_MARKS, show_comparison
from reliability.compare.comparison import compare
from reliability.reports.comparison_measurements import CLAIMS
from reliability.words.text import words
from tests.compare.two_cases import told
from tests.reports.advised import number
from tests.reports.test_comparison import changed, sample


@pytest.fixture(scope="module")
def worse(tmp_path_factory):
    return told(tmp_path_factory.mktemp("worse"), range(8), range(80))


def printed(comparison, capsys, lang="en"):
    show_comparison(comparison, words(lang))
    return capsys.readouterr().out


def test_every_claim_has_a_mark_of_its_own():
    marks = [CLAIM_MARKS[claim][0] for claim in CLAIMS]

    assert len(set(marks)) == len(marks)


def test_what_is_worse_stands_last_before_the_summary(worse, capsys):
    out = printed(worse, capsys)

    assert out.index("were not tested" if "were not tested" in out else "was not tested") < out.index("▼ Worse")
    assert out.index("▼ Worse") < out.index("Outcome: ")
    assert out.rstrip().splitlines()[-1].startswith("Outcome: ")


def test_a_line_tells_values_intervals_difference_limit_and_n(worse, capsys):
    line = next(line for line in printed(worse, capsys).splitlines() if "PER-01  Accuracy" in line)

    values, difference, *rest = line.split("; ")
    assert re.fullmatch(r"    ▼ Worse  PER-01  Accuracy  98\.0% \[.+ – .+\] → 80\.0% \[.+ – .+\]", values)
    assert re.fullmatch(r"Difference −18\.0 pp \[−.+ pp – −.+ pp\]", difference)
    assert rest == ["adjusted p < 0.001", "limit ≥ 50%", "n = 400", "the same rows, paired"]


def test_what_was_not_tested_says_why_once(worse, capsys):
    out = printed(worse, capsys)

    assert out.count("Reported only.") == 1


def test_a_pipe_gets_a_line_for_each_change(worse, capsys):
    lines = [line for line in printed(worse, capsys).splitlines() if line.lstrip().startswith("▼")]

    assert len(lines) == sum(one.claim == "worse" for one in worse.measurements)


def test_a_terminal_wraps_long_lines_under_their_own_start(worse, terminal):
    screen = terminal(80)
    show_comparison(worse, words("en"))

    assert max(map(len, screen.lines())) <= 80
    assert any(line.startswith("    ▼ Worse  PER-01  ") for line in screen.lines())


def test_verdicts_have_the_marks_of_the_reports(capsys):
    out = printed(compare(sample(), changed("FAI-02", verdict="pass")), capsys)

    assert re.search(r"FAI-02  ◆ Fail → ● Pass  \[Critical\]", out)


def test_answers_and_inputs_come_first(capsys):
    other = changed("GOV-02", answer=None, verdict="not_assessed")
    out = printed(compare(sample(seed=3), other), capsys)

    assert out.index("Inputs that differ") < out.index("Answers that differ") < out.index("Items with another verdict")
    assert "Seed: 3 → 0" in out


def test_control_characters_of_a_record_do_not_reach_the_screen(capsys):
    answer = sample().findings["GOV-02"].answer.model_copy(update={"note": "\x1b[31mred\u202e"})
    out = printed(compare(sample(), changed("GOV-02", answer=answer)), capsys)

    assert "\x1b" not in out
    assert "\u202e" not in out


def test_a_warning_comes_before_everything(capsys):
    dates = sample().assessment.dates
    early = dates.model_copy(update={"finished": dates.finished.replace(year=2025)})

    assert printed(compare(sample(), sample(dates=early, seed=1)), capsys).splitlines()[1].startswith("! ")


def test_promises_are_told_of_cases_that_are_the_same_too(capsys):
    told = number("fairness.selection_rate_ratio", (0.9, 0.8, 1.0), "ratio", by=("sex",))
    promise = Promise(item="FAI-02", criterion=0, promised=told, found=None)
    same = compare(sample(), sample()).model_copy(update={"promises": (promise,)})

    assert same.identical
    assert re.search(r"– .+  FAI-02  Selection-rate ratio", printed(same, capsys))


@pytest.mark.parametrize("given", [("--advice", "advice"), ("--applied", "R2")])
def test_half_of_a_promise_is_refused_and_says_where_the_other_half_stands(run, tmp_path, given):
    ran = run("compare", tmp_path / "a", tmp_path / "b", *given)

    assert ran.status == 2
    assert "stands beside it in what 'advise' prints" in ran.err


def test_the_level_of_intervals_is_told_where_numbers_are_compared(capsys):
    level = "[low – high]: 95% confidence interval"

    assert level in printed(compare(sample(), sample(seed=1)), capsys).splitlines()
    assert level not in printed(compare(sample(), sample()), capsys)
