import pytest

from reliability.checklist.finding import Answered, applies, escalated, finding
from reliability.checklist.judge import because
from reliability.checklist.read import Item
from reliability.checklist.written import Answers
from reliability.records import Answer, Criterion, CriterionResult, EvidenceFile

WORDS = {"ko": "가", "en": "a"}
CRITERION = Criterion(check="performance.accuracy", at_least=0.5, rule="guarded", source="house default")
STRICT = Answers(evidence="required", checked_by="required")
FILE = EvidenceFile(path="evidence/policy.pdf", sha256="0" * 64)


def item(criteria=1, **keys):
    return Item(
        **{"id": "X-1", "section": "X", "requirement": WORDS, "severity": "minor", "escalate": {}} | keys,
        criteria=(CRITERION,) * criteria,
    )


def asked(**keys):
    return item(criteria=0, **{"ask": WORDS, "evidence": WORDS, "answers": Answers()} | keys)


def results(*verdicts):
    return [CriterionResult(criterion=CRITERION, verdict=one, reasons=(because("no_rows"),)) for one in verdicts]


FAULTS = ("missing", "changed", "too_large", "other_kind", "expired")


def answered(answer, *, other_question=False, **keys):
    faults = {name: keys.pop(name) for name in FAULTS if name in keys}
    return Answered(answer=Answer(answer=answer, **keys), other_question=other_question, **faults)


def codes(found):
    return [reason.code for reason in found.reasons]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (("pass", "fail"), "fail"),
        (("pass", "conditional_pass"), "conditional_pass"),
        (("error", "conditional_fail"), "error"),
        (("pass", "reported"), "pass"),
        (("reported", "reported"), "reported"),
        (("inconclusive", "not_assessed"), "inconclusive"),
    ],
)
def test_finding_takes_the_worst_of_its_criteria(verdicts, expected):
    found = finding(item(criteria=2), {}, results=results(*verdicts))

    assert (found.verdict, len(found.criteria), codes(found)) == (expected, 2, ["no_rows"])


@pytest.mark.parametrize("verdicts", [(), ("pass",), ("pass", "pass", "pass")])
def test_finding_is_refused_when_results_are_not_one_a_criterion(verdicts):
    with pytest.raises(ValueError, match="X-1"):
        finding(item(criteria=2), {}, results=results(*verdicts))


@pytest.mark.parametrize(("answer", "expected"), [("met", "pass"), ("partly", "conditional_fail"), ("not_met", "fail")])
def test_answer_gives_its_verdict(answer, expected):
    found = finding(asked(), {}, answered=answered(answer, by="kim"))

    assert (found.verdict, found.answer.answer, codes(found)) == (expected, answer, [])


def test_answer_that_is_missing_is_not_assessed():
    found = finding(asked(), {})

    assert (found.verdict, codes(found), found.answer) == ("not_assessed", ["answer_missing"], None)


@pytest.mark.parametrize(
    ("note", "expected"), [("no such users", "not_applicable"), (None, "not_assessed"), ("  ", "not_assessed")]
)
def test_not_applicable_is_an_answer_only_with_a_note(note, expected):
    assert finding(asked(), {}, answered=answered("not_applicable", note=note)).verdict == expected


@pytest.mark.parametrize("answer", ["met", "partly", "not_met", "not_applicable"])
def test_answer_to_another_question_counts_as_none(answer):
    found = finding(asked(), {}, answered=answered(answer, note="why", other_question=True))

    assert (found.verdict, codes(found)) == ("not_assessed", ["question_changed"])


@pytest.mark.parametrize("answer", ["met", "partly"])
@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, ["evidence_missing", "not_checked_by_other"]),
        ({"evidence": (FILE,)}, ["not_checked_by_other"]),
        ({"evidence": (FILE,), "by": "kim"}, ["not_checked_by_other"]),
        ({"evidence": (FILE,), "by": "kim", "checked_by": "kim"}, ["not_checked_by_other"]),
        ({"evidence": (FILE,), "by": "kim", "checked_by": " Kim "}, ["not_checked_by_other"]),
        ({"evidence": (FILE,), "checked_by": "lee"}, ["not_checked_by_other"]),
        ({"by": "kim", "checked_by": "lee"}, ["evidence_missing"]),
    ],
)
def test_favourable_answer_is_not_assessed_when_required_support_is_missing(answer, keys, expected):
    found = finding(asked(answers=STRICT), {}, answered=answered(answer, **keys))

    assert (found.verdict, codes(found)) == ("not_assessed", expected)


def test_favourable_answer_stands_when_required_support_is_there():
    said = answered("met", evidence=(FILE,), by="kim", checked_by="lee")

    assert finding(asked(answers=STRICT), {}, answered=said).verdict == "pass"


@pytest.mark.parametrize("answer", ["not_met", "not_applicable"])
@pytest.mark.parametrize("fault", FAULTS)
def test_an_admission_stands_whatever_becomes_of_its_evidence(answer, fault):
    said = answered(answer, note="why", evidence=(FILE,), **{fault: (FILE.path,)})

    assert codes(finding(asked(), {}, answered=said)) == []


def test_every_fault_of_the_evidence_is_told_in_its_order():
    said = answered("met", evidence=(FILE,), **dict.fromkeys(FAULTS, (FILE.path,)))

    assert codes(finding(asked(), {}, answered=said)) == [
        "evidence_missing", "evidence_changed", "evidence_too_large", "evidence_kind", "evidence_expired",
    ]  # fmt: skip


def test_admission_needs_no_support():
    assert finding(asked(answers=STRICT), {}, answered=answered("not_met")).verdict == "fail"


@pytest.mark.parametrize("rules", [Answers(), STRICT])
@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("missing", "evidence_missing"),
        ("changed", "evidence_changed"),
        ("too_large", "evidence_too_large"),
        ("other_kind", "evidence_kind"),
        ("expired", "evidence_expired"),
    ],
)
def test_named_evidence_must_stand_even_where_it_is_optional(rules, what, code):
    said = answered("met", evidence=(FILE,), by="kim", checked_by="lee", **{what: (FILE.path,)})
    found = finding(asked(answers=rules), {}, answered=said)

    assert (found.verdict, codes(found)) == ("not_assessed", [code])
    assert found.reasons[0].with_ == {"paths": [FILE.path]}


@pytest.mark.parametrize(
    ("when", "known", "code", "names"),
    [
        ("hiring", {"hiring": False}, "fact_false", ["hiring"]),
        ("classification", {"classification": False}, "not_derivable", ["classification"]),
        ("kr_high_impact", {"kr_high_impact": False}, "not_derivable", ["kr_high_impact"]),
        ("hiring and classification", {"hiring": True, "classification": False}, "not_derivable", ["classification"]),
        ("not generative", {"generative": True}, "fact_false", ["generative"]),
    ],
)
def test_item_is_not_applicable_when_its_condition_is_false(when, known, code, names):
    found = finding(item(when=when), known)

    assert (found.verdict, codes(found)) == ("not_applicable", [code])
    assert found.reasons[0].with_ == {"when": when, "facts": names}


def test_item_names_stated_and_derived_facts_apart_when_both_are_false():
    found = finding(item(when="hiring and classification"), {"hiring": False, "classification": False})

    assert codes(found) == ["fact_false", "not_derivable"]


def test_not_applicable_finding_keeps_the_answer_that_was_given():
    found = finding(asked(when="hiring"), {"hiring": False}, answered=answered("met"))

    assert (found.verdict, found.answer.answer) == ("not_applicable", "met")


@pytest.mark.parametrize("known", [{}, {"hiring": None}, {"hiring": True}])
def test_item_applies_when_its_condition_is_not_known_to_be_false(known):
    assert applies(item(when="hiring"), known)
    assert finding(item(when="hiring"), known, results=results("pass")).verdict == "pass"


@pytest.mark.parametrize(
    ("value", "severity", "doubts"),
    [(True, "critical", []), (False, "minor", []), (None, "minor", ["escalation_unknown"])],
)
def test_severity_is_raised_only_when_the_fact_is_true(value, severity, doubts):
    found = finding(item(escalate={"critical": "hiring"}), {"hiring": value}, results=results("pass"))

    assert found.severity == severity
    assert codes(found) == ["no_rows", *doubts]


def test_escalation_takes_the_highest_and_doubts_only_what_lies_above():
    ladder = item(escalate={"major": "hiring", "critical": "generative"})

    assert escalated(ladder, {"hiring": True, "generative": True}) == ("critical", ())
    assert escalated(ladder, {"hiring": None, "generative": True}) == ("critical", ())
    severity, doubts = escalated(ladder, {"hiring": True})
    assert (severity, [doubt.with_ for doubt in doubts]) == ("major", [{"to": "critical", "facts": ["generative"]}])


def test_unanswered_item_says_both_that_and_its_doubtful_severity():
    found = finding(asked(escalate={"major": "hiring"}), {})

    assert codes(found) == ["answer_missing", "escalation_unknown"]


@pytest.mark.parametrize(
    ("when", "known", "unknown"),
    [
        ("hiring", {}, ["hiring"]),
        ("hiring", {"hiring": True}, None),
        ("affects_people and hiring", {"affects_people": True, "hiring": None}, ["hiring"]),
        ("affects_people or hiring", {"affects_people": True}, None),
        (None, {}, None),
    ],
)
def test_measured_item_says_that_it_is_applied_because_a_fact_is_unknown(when, known, unknown):
    found = finding(item(when=when), known, results=[CriterionResult(criterion=CRITERION, verdict="pass")])

    assert found.verdict == "pass"
    assert [reason.with_["facts"] for reason in found.reasons] == ([] if unknown is None else [unknown])
    assert set(codes(found)) <= {"applied_unknown"}


def test_item_that_is_asked_says_so_in_the_questionnaire_and_not_again():
    assert codes(finding(asked(when="hiring"), {}, answered=answered("met"))) == []
