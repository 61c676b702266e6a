import json
import re
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from reliability.cli import terminal as shown
from reliability.cli.following import Next
from reliability.cli.screen import annotate, one_line, plain
from reliability.records import Answer, Criterion, Finding, Measurement, Reason, Verdict
from reliability.words.text import words
from tests.reports.sample import AGES, RATIO, assessment, measured, result, unmeasured

LANGUAGES = ("ko", "en")
KO, EN = words("ko"), words("en")


def printed(capsys, record, said):
    shown.show_assessment(record, said)
    return capsys.readouterr().out


def of(*findings):
    return assessment(findings=findings)


def asked(verdict, *codes, note=None, item="GOV-02"):
    answer = Answer(answer="partly", note=note)
    reasons = tuple(Reason(code=code) for code in codes)
    return Finding(item=item, severity="major", verdict=verdict, reasons=reasons, answer=answer)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_finding_takes_one_line_in_a_file(capsys, lang):
    lines = printed(capsys, assessment(), words(lang)).splitlines()

    for finding in assessment().findings:
        assert sum(f"  {finding.item}  " in line for line in lines) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_findings_stand_worst_last(capsys, lang):
    marks = [line[0] for line in printed(capsys, assessment(), words(lang)).splitlines() if line and "  " in line]

    order = [mark for mark, _ in reversed(shown.MARKS.values())]
    assert marks == sorted(marks, key=order.index)
    assert marks[-1] == "◆"


def test_marks_differ_in_shape_and_never_in_colour_alone():
    assert len({mark for mark, _ in shown.MARKS.values()}) == len(shown.MARKS)
    assert set(shown.MARKS) == set(Verdict.__args__)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("columns", [60, 100, 160])
def test_titles_line_up_on_a_terminal_with_korean_of_double_width(terminal, lang, columns):
    screen = terminal(columns)
    shown.show_assessment(assessment(), words(lang))
    lines = screen.lines()
    heads = [line for line in lines if line[:1] in {mark for mark, _ in shown.MARKS.values()}]
    items = [finding.item for finding in assessment().findings]

    starts = {cell_len(line[: line.index(item) + len(item)]) for line in heads for item in items if f" {item} " in line}
    assert len(starts) == 1
    assert len(heads) == len(items)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_ends_in_blanks_or_leaves_the_screen(terminal, lang, columns):
    screen = terminal(columns)
    shown.show_assessment(assessment(), words(lang))
    findings = "\n".join(screen.lines()).split("\n\n")[1].splitlines()

    assert [line for line in findings if line != line.rstrip()] == []
    assert max(map(cell_len, findings)) <= columns


def test_measured_findings_say_interval_limit_and_n(capsys):
    failing = Finding(
        item="FAI-02", severity="critical", verdict="fail", criteria=(result("fail", RATIO, at_least=0.8),)
    )
    text = printed(capsys, of(failing), EN)

    assert "0.67 [0.55 – 0.79]  limit ≥ 0.80  n=2,423" in text
    assert "→ reliability explain FAI-02" in text


def test_next_steps_name_what_they_are_told_to(capsys):
    following = Next(submission=Path("in"), checklist="mine.yaml", case=Path("case-1"))
    unanswered = [asked("not_assessed", item=f"GOV-0{n}").model_copy(update={"answer": None}) for n in range(4)]
    shown.show_assessment(of(one_of("fail"), *unanswered), EN, following)
    out = capsys.readouterr().out

    assert "→ reliability explain FAI-02 case-1\n" in out
    assert "answer them with 'reliability answers in --checklist mine.yaml'" in out


def test_a_failure_names_the_worst_groups_with_their_values():
    assert shown.worst_groups(RATIO, KO) == ("남 46.0% (n=1,206) / 여 31.0% (n=1,203)",)
    assert shown.worst_groups(measured("performance.accuracy", (0.8, 0.7, 0.9)), KO) == ()


def test_worst_groups_under_five_are_not_named():
    small = [{**group, "n": 4} if group["slice"] == {"sex": "여"} else group for group in RATIO.details["groups"]]
    found = RATIO.model_copy(update={"details": {**RATIO.details, "groups": small}})

    assert "여" not in "".join(shown.worst_groups(found, KO))


@pytest.mark.parametrize(
    ("verdict", "named"), [("fail", True), ("conditional_fail", True), ("conditional_pass", False)]
)
def test_worst_groups_are_named_only_where_something_failed(capsys, verdict, named):
    finding = Finding(
        item="FAI-02", severity="critical", verdict=verdict, criteria=(result(verdict, RATIO, at_least=0.8),)
    )

    assert ("여 31.0%" in printed(capsys, of(finding), KO)) is named


def test_a_criterion_shows_the_measurement_that_decides_it():
    slices = [
        Measurement(check="performance.accuracy", by=("b",), slice={"b": name}, value=value, low=low, high=high, n=99,
                    unit="share", judged=judged)
        for name, value, low, high, judged in (
            ("wide", 0.70, 0.40, 0.95, True), ("fails", 0.75, 0.74, 0.76, True), ("tiny", 0.1, 0.0, 0.9, False),
        )
    ]  # fmt: skip
    decided = result("fail", slices[0], at_least=0.8).model_copy(update={"measurements": tuple(slices)})

    assert shown.parts_of(decided)[0].found.slice == {"b": "fails"}


def test_a_criterion_with_an_upper_limit_shows_the_highest_value():
    values = [measured("data_quality.duplicate_rows", (value, 0.0, 0.5)) for value in (0.1, 0.3, 0.2)]
    decided = result("fail", values[0], at_most=0.01).model_copy(update={"measurements": tuple(values)})

    assert shown.parts_of(decided)[0].found.value == 0.3


def test_what_could_not_be_measured_says_why_instead_of_a_number():
    text = shown.measured_text(unmeasured("performance.roc_auc", "no_scores"), None, EN)

    assert text.endswith(EN.text("reason.no_scores"))
    assert "n=" not in text


def test_reported_criteria_stay_out_of_the_summary(capsys):
    reported = result("reported", measured("performance.accuracy", (0.123, 0.1, 0.2)), report=True, rule=None)
    finding = Finding(
        item="FAI-02", severity="minor", verdict="pass", criteria=(result("pass", AGES, at_least=0.1), reported)
    )

    assert "12.3%" not in printed(capsys, of(finding), EN)


@pytest.mark.parametrize(("verdict", "told"), [("pass", False), ("conditional_fail", True), ("fail", True)])
def test_an_unknown_escalation_is_told_of_open_items_only(capsys, verdict, told):
    text = printed(capsys, of(asked(verdict, "escalation_unknown")), KO)

    assert (KO.text("reason.escalation_unknown").rstrip(".") in text) is told


@pytest.mark.parametrize(("verdict", "told"), [("pass", False), ("conditional_fail", True)])
def test_the_note_of_an_answer_is_told_on_one_line_where_the_item_is_open(capsys, verdict, told):
    text = printed(capsys, of(asked(verdict, note="아직\n  준비 중. " + "길게 " * 60)), KO)

    assert ("아직 준비 중." in text) is told
    assert ("길게…" in text) is told


def test_not_applicable_items_take_their_title_only(capsys):
    line = printed(capsys, of(asked("not_applicable", "fact_false")), EN).splitlines()[3]

    assert line.endswith(shown.item_titles(assessment().checklist.content, EN)["GOV-02"].rstrip("."))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_counts_add_up_to_all_findings(lang):
    line = shown.counts_line(assessment(), words(lang))

    assert sum(int(part.rsplit(" ", 1)[1]) for part in line.split(" · ")) == len(assessment().findings)


def test_measurements_list_every_group_beneath(capsys):
    shown.show_measurements([RATIO], KO)
    lines = capsys.readouterr().out.splitlines()

    assert lines[1:] == [
        "    남 46.0% (n=1,206)",
        "    여 31.0% (n=1,203)",
        f"    {KO.text('report.unknown_group')} 50.0% (n=14)",
        "[하한 – 상한]: 95% 신뢰구간",
    ]


def test_a_class_and_a_slice_are_named_beside_the_check():
    one = measured("performance.recall", (0.5, 0.4, 0.6)).model_copy(
        update={"of": "high", "slice": {"branch": 3}, "by": ("branch",)}
    )

    assert shown.measured_text(one, Criterion(check="performance.recall", at_least=0.4), EN).startswith(
        "Recall [high] (3) 50.0% [40.0% – 60.0%]  limit ≥ 40%"
    )


@pytest.mark.parametrize("evil", ["\x1b[2J", "\x07", "\u202e", "\r", "\x9b"])
def test_names_of_a_submission_cannot_steer_the_terminal(capsys, evil):
    subject = assessment().subject
    named = subject.model_copy(update={"system": {**subject.system, "name": f"model{evil}"}})

    assert evil not in printed(capsys, assessment(subject=named), EN)


def test_text_keeps_korean_and_loses_what_steers():
    assert plain("성별\n여\x1b") == "성별 여�"
    assert one_line("가 " * 90, longest=10) == "가 가 가 가 가…"


def test_annotations_stay_silent_outside_github(capsys, monkeypatch):
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    shown.annotate_findings(assessment(), EN)

    assert capsys.readouterr() == ("", "")


def test_annotations_name_every_open_finding_on_stderr(capsys, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    shown.annotate_findings(assessment(), EN)
    out, err = capsys.readouterr()
    by_level = {level: err.count(f"::{level} title=") for level in ("error", "warning")}

    verdicts = [finding.verdict for finding in assessment().findings]
    failed = sum(verdict in {"fail", "error"} for verdict in verdicts)
    assert out == ""
    assert by_level == {"error": failed, "warning": sum(one in shown.NEXT_STEP for one in verdicts) - failed}


def test_annotations_escape_what_github_would_read(capsys, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    annotate("error", "a:b,c", ["50%", "next"])

    assert capsys.readouterr().err == "::error title=a%3Ab%2Cc::50%25%0Anext\n"


def test_the_outcome_is_the_last_line(capsys):
    assert printed(capsys, assessment(), KO).splitlines()[-1] == (
        f"{KO.text('cli.outcome')}: {KO.text(f'outcome.{assessment().outcome}')}"
    )


def test_the_summary_needs_no_case_and_no_clock(capsys):
    assert printed(capsys, assessment(), EN) == printed(capsys, assessment(), EN)
    assert json.dumps(sys.stdout.isatty()) == "false"


PASSING = {"pass", "conditional_pass", "reported", "not_applicable"}


def one_of(verdict):
    """A finding of this verdict, measured where a measurement can give it, else asked."""
    if verdict in {"not_assessed", "not_applicable"}:
        return asked(verdict, {"not_assessed": "answer_missing", "not_applicable": "fact_false"}[verdict])
    if verdict in {"error", "inconclusive"}:
        code = {"error": "model_timeout", "inconclusive": "no_scores"}[verdict]
        found = result(verdict, unmeasured("performance.roc_auc", code), at_least=0.75)
    else:
        limit = {"report": True, "rule": None} if verdict == "reported" else {"at_least": 0.8}
        found = result(verdict, RATIO, **limit)
    return Finding(item="FAI-02", severity="major", verdict=verdict, criteria=(found,))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("verdict", Verdict.__args__)
def test_every_verdict_has_its_mark_its_word_and_the_next_step_where_it_is_open(capsys, verdict, lang):
    line = printed(capsys, of(one_of(verdict)), words(lang)).splitlines()[3]

    assert line.startswith(f"{shown.MARKS[verdict][0]} {words(lang).text(f'verdict.{verdict}')}  ")
    assert ("→ reliability explain " in line) is (verdict not in PASSING)
    assert ("limit" in line or "기준" in line) is (verdict in {"pass", "conditional_pass", "fail", "conditional_fail"})


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("columns", [20, 40, 60])
def test_a_narrow_terminal_loses_no_word(terminal, lang, columns):
    wide = terminal(400)
    shown.show_assessment(assessment(), words(lang))
    narrow = terminal(columns)
    shown.show_assessment(assessment(), words(lang))

    assert "".join("".join(narrow.lines()).split()) == "".join("".join(wide.lines()).split())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_neither_colour_nor_control_stands_in_a_file(capsys, monkeypatch, lang):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)

    assert "\x1b" not in printed(capsys, assessment(), words(lang))


def test_a_terminal_gets_colour_beside_shape_and_word(terminal, monkeypatch):
    screen = terminal()
    monkeypatch.delenv("NO_COLOR")
    shown.show_assessment(of(one_of("fail")), EN)

    assert "\x1b[1;31m◆ Fail" in screen.getvalue()
    assert "◆ Fail" in "\n".join(screen.lines())


FEW = {("F", 900): 0.5, ("M", 700): 0.4, ("X", 3): 0.987}


def few_people(check="fairness.selection_rate_ratio", value=0.4, **changes):
    """A comparison of which one group has three people, whose rate is 98.7 %."""
    groups = [
        {"slice": {"sex": sex}, "value": rate, "low": 0.1, "high": 0.99, "n": n, "judged": n > 30}
        for (sex, n), rate in FEW.items()
    ]
    details = {"worst": [{"sex": "X"}, {"sex": "F"}], "groups": groups}
    return measured(check, (value, 0.2, 0.6), n=1_600).model_copy(
        update={"by": ("sex",), "unit": "ratio", "details": details, **changes}
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_figure_of_a_few_people_is_printed_with_a_failure(capsys, lang):
    finding = Finding(
        item="FAI-02", severity="major", verdict="fail", criteria=(result("fail", few_people(), at_least=0.8),)
    )
    text = printed(capsys, of(finding), words(lang))

    assert "98.7" not in text
    assert "n=3)" not in text
    assert "40.0%" not in text  # the next smallest group: with it the three could be worked out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_figure_of_a_few_people_is_printed_by_measure(capsys, lang):
    shown.show_measurements([few_people()], words(lang))
    first, *groups, _level = capsys.readouterr().out.splitlines()

    withheld = words(lang).text("report.suppressed")
    assert groups == ["    F 50.0% (n=900)", f"    M – ({withheld})", f"    X – ({withheld})"]
    assert "n=1,600" not in first  # against all 1,603 rows it would tell the three


def test_a_group_that_is_hidden_in_one_comparison_is_hidden_in_all():
    whole = few_people(check="fairness.selection_rate_difference")
    groups = [group | {"n": 40} for group in whole.details["groups"]]
    later = whole.model_copy(update={"details": {"worst": [{"sex": "X"}], "groups": groups}})
    withheld = shown.Withheld.of([few_people(), whole])

    assert shown.worst_groups(later, EN, withheld) == ()
    assert shown.worst_groups(later, EN) == ("X 98.7% (n=40)",)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("n", "told"), [(0, None), (3, None), (4, None), (5, "5"), (31, "31")])
def test_size_of_the_smallest_group_is_told_from_five_people_on(n, told, lang):
    groups = [{"slice": {"sex": sex}, "value": size, "n": size} for sex, size in (("F", 900), ("M", 700), ("X", n))]
    one = measured("data_quality.smallest_group_size", (n, None, None), unit="rows", n=1_600 + n).model_copy(
        update={"by": ("sex",), "details": {"worst": [{"sex": "X"}], "groups": groups}}
    )
    text = shown.measured_text(one, None, words(lang))

    assert f"(sex) {told or words(lang).text('report.under_five')}" in text


def test_a_slice_of_a_few_people_says_that_it_is_withheld_and_nothing_else():
    one = measured("performance.accuracy", (0.987, 0.3, 0.99), n=3).model_copy(
        update={"by": ("sex",), "slice": {"sex": "X"}}
    )

    assert shown.measured_text(one, None, EN) == f"Accuracy (X): {EN.text('report.suppressed')}"


def test_no_figure_of_a_few_people_leaves_by_an_annotation(capsys, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    finding = Finding(
        item="FAI-02", severity="major", verdict="fail", criteria=(result("fail", few_people(), at_least=0.8),)
    )
    shown.annotate_findings(of(finding), EN)

    assert "98.7" not in capsys.readouterr().err


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("verdict", Verdict.__args__)
def test_an_annotation_is_an_error_a_warning_or_nothing(capsys, monkeypatch, verdict, lang):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    shown.annotate_findings(of(one_of(verdict)), words(lang))
    err = capsys.readouterr().err

    level = shown.ANNOTATED.get(verdict)
    assert err.startswith(f"::{level} title=") if level else err == ""
    assert level is None or words(lang).text(f"verdict.{verdict}") in err


def test_an_annotation_takes_one_line_however_many_it_has_to_say(capsys, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    shown.annotate_findings(of(one_of("fail")), EN)

    (line,) = capsys.readouterr().err.splitlines()
    assert "%0A" in line


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_heading_names_system_checklist_and_rows(capsys, lang):
    first, second, *_ = printed(capsys, assessment(), words(lang)).splitlines()
    title = {"ko": "신뢰할 수 있는 인공지능 점검표", "en": "Trustworthy AI checklist"}[lang]

    assert first == f"소액대출 심사 모델 2.3.1 · {title} 1.0.0"
    assert "2,412" in second


@pytest.mark.parametrize("outcome", ["conforms", "conforms_with_conditions", "does_not_conform", "undetermined"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_outcome_is_worded(capsys, outcome, lang):
    text = printed(capsys, assessment(outcome=outcome), words(lang))

    assert text.rstrip().endswith(words(lang).text(f"outcome.{outcome}"))


@pytest.mark.parametrize(
    ("lang", "said"), [("ko", "질문 항목 5건에 아직 답하지 않았습니다"), ("en", "5 questions are not answered")]
)
def test_questions_that_nobody_answered_take_one_line_together(capsys, lang, said):
    unanswered = Finding(
        item="GOV-01", severity="minor", verdict="not_assessed", reasons=[Reason(code="answer_missing")]
    )
    several = tuple(unanswered.model_copy(update={"item": f"GOV-0{number}"}) for number in range(1, 6))
    lines = printed(capsys, assessment(findings=several), words(lang)).splitlines()

    (line,) = [line for line in lines if "GOV-01" in line]
    assert said in line
    assert line.endswith("GOV-01, GOV-02, GOV-03, GOV-04, GOV-05")


def test_severity_and_guarded_rule_stand_in_the_line(capsys):
    lines = printed(capsys, assessment(), words("en")).splitlines()

    assert all(re.search(r"\[(Critical|Major|Minor)\]", line) for line in lines if "→ reliability explain" in line)


def by(attribute, low, high, value=0.85):
    return RATIO.model_copy(update={"by": (attribute,), "value": value, "low": low, "high": high, "details": {}})


def judged(*results, verdict):
    return Finding(item="FAI-02", severity="major", verdict=verdict, criteria=results)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_criterion_of_an_item_has_its_own_mark(capsys, lang):
    results = [
        result("fail", by("sex", 0.5, 0.7, 0.6), at_least=0.8),
        result("pass", measured("performance.accuracy", (0.9, 0.85, 0.95)), at_least=0.8),
        result("inconclusive", unmeasured("performance.roc_auc", "no_scores"), at_least=0.8),
    ]
    said = words(lang)
    line = printed(capsys, of(judged(*results, verdict="fail")), said).splitlines()[3]

    assert f"; ◆ {said.text('check.fairness.selection_rate_ratio')} (sex)" in line
    assert f"; ● {said.text('verdict.pass')}: {said.text('check.performance.accuracy')}" in line
    assert f"; ? {said.text('verdict.inconclusive')}: {said.text('check.performance.roc_auc')}: " in line


def test_every_attribute_that_is_open_is_shown_and_none_that_passed(capsys):
    open_yet = result("conditional_pass", by("sex", 0.7, 0.95), at_least=0.8)
    several = (by("sex", 0.7, 0.95), by("age", 0.75, 0.95, 0.86), by("region", 0.9, 0.95, 0.92))
    whole = open_yet.model_copy(update={"measurements": several})
    line = printed(capsys, of(judged(whole, verdict="conditional_pass")), EN).splitlines()[3]

    assert "; ◐ Selection-rate ratio between groups (sex)" in line
    assert "; ◐ Selection-rate ratio between groups (age)" in line
    assert "(region)" not in line


def test_a_criterion_without_measurements_is_named_with_the_reason(capsys):
    lacking = result("inconclusive", unmeasured("leakage.training_overlap", "no_training_data"), at_most=0.01)
    lacking = lacking.model_copy(update={"measurements": (), "reasons": (Reason(code="no_training_data"),)})
    line = printed(capsys, of(judged(lacking, verdict="inconclusive")), EN).splitlines()[3]

    assert "; ? Overlap with the training data: No training data were handed in" in line


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_undecided_finding_says_in_brief_how_many_rows_would_decide_it(capsys, lang):
    one = measured("performance.accuracy", (0.75, 0.69, 0.81), n=200)
    finding = judged(result("conditional_fail", one, at_least=0.8), verdict="conditional_fail")
    line = printed(capsys, of(finding), words(lang)).splitlines()[3]

    brief = {"en": r"about [\d,]+ evaluation rows in all would decide it", "ko": r"모두 약 [\d,]+행이 되면 판정 가능"}
    assert re.search(brief[lang], line)


def test_a_settled_finding_says_nothing_of_rows(capsys):
    one = measured("performance.accuracy", (0.9, 0.85, 0.95))

    assert "would decide" not in printed(capsys, of(judged(result("pass", one, at_least=0.8), verdict="pass")), EN)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("confidence", "level"), [(0.95, "95%"), (0.9, "90%"), (0.975, "97.5%")])
def test_the_level_of_the_intervals_is_said_once(capsys, confidence, level, lang):
    shown.show_measurements([one.model_copy(update={"confidence": confidence}) for one in (RATIO, AGES)], words(lang))
    out = capsys.readouterr().out

    assert out.count(words(lang).text("cli.level", level=level)) == 1


def test_no_level_is_said_where_there_is_no_interval():
    assert shown.level_text([unmeasured("performance.roc_auc", "no_scores")], EN) == ""


def test_the_level_stands_at_the_head_of_an_assessment(capsys):
    assert printed(capsys, assessment(), EN).splitlines()[1].endswith(" · [low – high]: 95% confidence interval")
