import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.checklist.outcome import outcome
from reliability.checklist.read import Checklist, Item
from reliability.checklist.written import Bars, Decision
from reliability.records import WORST_FIRST, Finding

WORDS = {"ko": "가", "en": "a"}
ORDER = ("conforms", "conforms_with_conditions", "undetermined", "does_not_conform")
VERDICTS = (*WORST_FIRST, "reported", "not_applicable")


def checklist(n, *, bar=None, critical="pass", major="conditional_pass", open_minor=3):
    items = tuple(
        Item(id=f"X-{i}", section="X", requirement=WORDS, severity="minor", escalate={}, bar=bar) for i in range(n)
    )
    return Checklist(
        id="x", version="1", title=WORDS, decision=Decision(rule="guarded", confidence=0.95),
        outcome=Bars(critical=critical, major=major, open_minor=open_minor), items=items, content={}, sha256="",
    )  # fmt: skip


def said(*pairs, **keys):
    findings = [
        Finding(item=f"X-{i}", severity=severity, verdict=verdict) for i, (severity, verdict) in enumerate(pairs)
    ]
    return outcome(findings, checklist(len(findings), **keys))


@pytest.mark.parametrize("severity", ["critical", "major"])
@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        ("fail", "does_not_conform"),
        ("error", "undetermined"),
        ("conditional_fail", "undetermined"),
        ("inconclusive", "undetermined"),
        ("not_assessed", "undetermined"),
        ("pass", "conforms"),
        ("reported", "conforms"),
        ("not_applicable", "conforms"),
    ],
)
def test_one_weighty_finding_decides_the_outcome(severity, verdict, expected):
    assert said((severity, verdict), ("minor", "pass")) == expected


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        ("fail", "conforms_with_conditions"),
        ("error", "conforms_with_conditions"),
        ("conditional_fail", "conforms_with_conditions"),
        ("inconclusive", "conforms_with_conditions"),
        ("not_assessed", "conforms_with_conditions"),
        ("conditional_pass", "conforms_with_conditions"),
        ("pass", "conforms"),
        ("reported", "conforms"),
        ("not_applicable", "conforms"),
    ],
)
def test_one_minor_finding_only_adds_a_condition(verdict, expected):
    assert said(("critical", "pass"), ("minor", verdict)) == expected


@pytest.mark.parametrize(("failed", "expected"), [(3, "conforms_with_conditions"), (4, "does_not_conform")])
def test_minors_may_fail_up_to_the_number_that_the_checklist_allows(failed, expected):
    assert said(("critical", "pass"), *[("minor", "fail")] * failed) == expected


def test_minors_that_are_open_but_not_failed_are_not_counted_as_failed():
    assert said(*[("minor", "inconclusive")] * 9) == "conforms_with_conditions"


@pytest.mark.parametrize(
    ("severity", "keys", "expected"),
    [
        ("critical", {}, "undetermined"),
        ("critical", {"critical": "conditional_pass"}, "conforms_with_conditions"),
        ("critical", {"bar": "conditional_pass"}, "conforms_with_conditions"),
        ("major", {}, "conforms_with_conditions"),
        ("major", {"major": "pass"}, "undetermined"),
        ("major", {"bar": "pass"}, "undetermined"),
        ("minor", {"bar": "pass"}, "conforms_with_conditions"),
    ],
)
def test_conditional_pass_is_held_to_the_bar_of_its_item_else_of_its_severity(severity, keys, expected):
    assert said((severity, "conditional_pass"), **keys) == expected


def test_failing_goes_before_what_is_undecided():
    assert said(("critical", "inconclusive"), ("major", "fail")) == "does_not_conform"


def test_undecided_goes_before_conditions():
    assert said(("major", "conditional_pass"), ("critical", "not_assessed")) == "undetermined"


def test_severity_is_the_findings_own_when_it_was_escalated():
    raised = [Finding(item="X-0", severity="critical", verdict="fail")]

    assert outcome(raised, checklist(1)) == "does_not_conform"


@pytest.mark.parametrize("ids", [[], ["X-0"], ["X-0", "X-0"], ["X-0", "X-1", "X-2"], ["X-0", "Y-1"]])
def test_outcome_is_refused_when_a_finding_is_missing_or_foreign(ids):
    findings = [Finding(item=one, severity="minor", verdict="pass") for one in ids]

    with pytest.raises(ValueError, match="one finding for every item"):
        outcome(findings, checklist(2))


PAIRS = st.lists(
    st.tuples(st.sampled_from(["critical", "major", "minor"]), st.sampled_from(VERDICTS)), min_size=1, max_size=8
)


@given(PAIRS, st.randoms())
def test_outcome_ignores_the_order_of_findings(pairs, random):
    shuffled = random.sample(pairs, len(pairs))

    assert said(*pairs) == said(*shuffled)


@given(PAIRS, st.data())
def test_outcome_never_improves_when_a_verdict_worsens(pairs, data):
    index = data.draw(st.integers(0, len(pairs) - 1))
    severity, before = pairs[index]
    worse = WORST_FIRST[: WORST_FIRST.index(before)] if before in WORST_FIRST else WORST_FIRST
    after = data.draw(st.sampled_from(worse or ("fail",)))
    changed = [*pairs[:index], (severity, after), *pairs[index + 1 :]]

    assert ORDER.index(said(*changed)) >= ORDER.index(said(*pairs))


@given(PAIRS)
def test_outcome_conforms_only_when_nothing_is_open(pairs):
    settled = {"pass", "reported", "not_applicable"}

    assert (said(*pairs) == "conforms") == all(verdict in settled for _, verdict in pairs)
