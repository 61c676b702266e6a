import pytest

from reliability.changes import ChecklistChange, InputChange
from reliability.checklist.difference import CODES
from reliability.compare.cases import Case
from reliability.compare.comparison import compare
from reliability.reports.comparison_inputs import checklist_group, input_groups
from reliability.words.text import LANGUAGES, words
from tests.reports.sample import assessment

EN = words("en")
NOTHING = compare(Case(assessment=assessment()), Case(assessment=assessment()))


def shown(change, lang="en"):
    """The one line of an input that changed."""
    (group,) = input_groups(NOTHING.model_copy(update={"inputs": (change,)}), words(lang))
    (line,) = group.lines
    return group.title, line.name, line.before, line.after


def asked(change, lang="en"):
    """The one line of what a checklist asks otherwise."""
    (group,) = checklist_group(NOTHING.model_copy(update={"checklist": (change,)}), words(lang))
    (line,) = group.lines
    return line.name, line.before, line.after


def of(what, name, before, after):
    return InputChange(what=what, name=name, before=before, after=after)


def test_nothing_changed_makes_no_group():
    assert list(input_groups(NOTHING, EN)) == []
    assert list(checklist_group(NOTHING, EN)) == []


def test_changes_of_one_kind_stand_together():
    changes = (of("software", "numpy", "1", "2"), of("software", "scipy", "1", "2"), of("seed", "", 0, 1))
    groups = list(input_groups(NOTHING.model_copy(update={"inputs": changes}), EN))

    assert [(group.title, len(group.lines)) for group in groups] == [("Software versions", 2), ("Seed", 1)]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (of("seed", "", 0, 7), ("Seed", "", "0", "7")),
        (of("evaluation", "rows", 2412, 10_000), ("Evaluation data", "Rows", "2,412", "10,000")),
        (of("evaluation", "sha256", "ab" * 32, "cd" * 32),
         ("Evaluation data", "SHA-256", f"{'ab' * 8}…", f"{'cd' * 8}…")),
        (of("evaluation", "origin", "applicant_supplied", "witnessed"),
         ("Evaluation data", "Origin", EN.text("origin.applicant_supplied"), EN.text("origin.witnessed"))),
        (of("training", "path", None, "t.parquet"), ("Training data", "File", "none", "t.parquet")),
        (of("software", "numpy", "2.4.0", "2.4.1"), ("Software versions", "numpy", "2.4.0", "2.4.1")),
        (of("evaluation_column", "age", {"kind": "i8", "role": "feature"}, None),
         ("Columns of the evaluation data", "age", "integer · feature", "none")),
        (of("task", "", "binary", "multiclass"),
         ("Task", "", EN.text("task.binary"), EN.text("task.multiclass"))),
        (of("not_tested", "screening", None, "screening_missing"),
         ("Not tested", "Risk screening", "none", EN.text("reason.screening_missing"))),
        (of("isolation", "libraries.numpy", "2.4.0", "2.4.1"),
         ("Isolation of the model", f"{words('en').text('isolation.libraries')}: numpy", "2.4.0", "2.4.1")),
        (of("isolation", "limits.cpu_s", 1200, 600),
         ("Isolation of the model", f"{words('en').text('isolation.limits')}: cpu_s", "1,200", "600")),
        (of("isolation", "processes_limited", True, False),
         ("Isolation of the model", EN.text("isolation.processes_limited"), "yes", "no")),
        (of("screening", "tier", "T1", ["T2", "T3"]), ("Risk screening", "tier", "T1", "T2, T3")),
        (of("screening", "answers", {}, {"A": True}), ("Risk screening", "answers", "–", "A = yes")),
    ],
)  # fmt: skip
def test_a_change_is_worded_by_its_kind(change, line):
    assert shown(change) == line


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"value": True, "because": None}, "yes"),
        ({"value": False, "because": "채용에 쓰이지 않음"}, "no (채용에 쓰이지 않음)"),
        ({"value": None, "because": None}, "unknown"),
        (None, "none"),
    ],
)
def test_a_fact_is_yes_no_or_unknown_with_its_reason(value, text):
    title, name, before, _ = shown(of("fact", "hiring", value, {"value": True}))

    assert before == text
    assert name.endswith("(hiring)")
    assert name.startswith(EN.text("fact.hiring.question"))
    assert title == "Facts"


def test_a_fact_that_this_version_does_not_know_keeps_its_name():
    assert shown(of("fact", "flies", None, {"value": True}))[1] == "(flies)"


def limit(code, old, new, **about):
    return ChecklistChange(code=code, item="PER-01", old=old, new=new, about={"check": "performance.roc_auc"} | about)


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (limit("limit", {"at_least": 0.7}, {"at_least": 0.75}), "≥ 0.70", "≥ 0.75"),
        (limit("limit", {"at_least": 0.7}, {"at_most": 0.9}), "≥ 0.70", "≤ 0.90"),
        (limit("judged_now", {}, {"at_least": 0.75}), "Reported", "≥ 0.75"),
        (limit("reported_now", {"between": [0.1, 0.2]}, {}), "0.10 – 0.20", "Reported"),
        (limit("criterion_added", None, None, at_least=0.75), "none", "≥ 0.75"),
        (limit("criterion_dropped", None, None, at_least=0.75), "≥ 0.75", "none"),
        (limit("rule", "four_way", "guarded"), EN.text("rule.four_way"), EN.text("rule.guarded")),
        (limit("source", "house default", "KS X 1"), EN.text("source.house_default"), "KS X 1"),
        (limit("options", {"bins": 10}, {"bins": 20}), "bins = 10", "bins = 20"),
        (limit("options", {}, {"bins": 20}), "none", "bins = 20"),
    ],
)
def test_a_criterion_that_changed_is_told_with_its_check(change, before, after):
    name, *told = asked(change)

    assert name.startswith("PER-01 · ")
    assert name.endswith(EN.text("check.performance.roc_auc"))
    assert told == [before, after]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (ChecklistChange(code="confidence", old=0.95, new=0.99), ("Confidence", "95%", "99%")),
        (ChecklistChange(code="severity", item="A", old="minor", new="major"), ("A · Severity", "Minor", "Major")),
        (ChecklistChange(code="when", item="A", old=None, new="hiring"), ("A · Applies when", "always", "hiring")),
        (ChecklistChange(code="question", item="A", old={}, new={"ko": "나"}), ("A · Question", "", "reworded")),
        (ChecklistChange(code="open_minor", old=3, new=0), ("Minor failures allowed", "3", "0")),
        (ChecklistChange(code="rule_default", old="simple", new="guarded"),
         ("Default rule", EN.text("rule.simple"), EN.text("rule.guarded"))),
    ],
)  # fmt: skip
def test_what_a_checklist_asks_otherwise_is_worded_by_its_kind(change, line):
    assert asked(change) == line


@pytest.mark.parametrize("code", ["added", "dropped"])
def test_items_that_only_one_has_are_listed_elsewhere(code):
    change = ChecklistChange(code=code, item="A", about={"title": {"ko": "가", "en": "a"}})

    assert list(checklist_group(NOTHING.model_copy(update={"checklist": (change,)}), EN)) == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", sorted(set(CODES) - {"added", "dropped"}))
def test_every_code_of_a_checklist_change_has_its_words(code, lang):
    name, _, _ = asked(ChecklistChange(code=code, item="A"), lang)

    assert name.startswith("A · ")
