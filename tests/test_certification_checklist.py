"""What the certification checklist says: the general one with stricter proof, and the gates a submission can answer."""

import re
from functools import cache

import pytest
from ruamel.yaml import YAML

from reliability import resources
from reliability.checklist.finding import Answered, finding
from reliability.checklist.outcome import outcome_of
from reliability.checklist.read import Checklist, Item, names, read_checklist, validate
from reliability.records import Answer, EvidenceFile, Finding
from tests.small_case import assessed, by_item, handed_in
from tests.test_checklist_content import FORBIDDEN, HANGUL

FILE = resources.checklists() / "certification.yaml"
GATES = ["CRT-04", "CRT-06"]
ELSEWHERE = ["CRT-01", "CRT-02", "CRT-03", "CRT-05"]  # held by `certify`: they speak of the case
SECTORS = sorted(set(names()) - {"trustworthy-ai", "certification"})
REQUIRED = {"evidence": "required", "checked_by": "required"}
PROOF = EvidenceFile(path="evidence/policy.pdf", sha256="0" * 64)
GATE_CITES = {"CRT-04": {"ISO-17025-7.3", "ISO-17025-7.8.2.2"}, "CRT-06": {"ISO-17065-4.1.2", "ISO-17065-7.9"}}


@cache
def read(name: str) -> Checklist:
    return read_checklist(name)


def general() -> dict[str, Item]:
    return {one.id: one for one in read("trustworthy-ai").items}


def kept() -> list[Item]:
    return [one for one in read("certification").items if one.id in general()]


def answered(item: str, answer: str = "met", **keys) -> Finding:
    said = Answered(answer=Answer(answer=answer, **keys))
    return finding(read("certification").item(item), {}, answered=said)


def test_head_is_the_agreed_one() -> None:
    one = read("certification")

    assert (one.id, one.version) == ("certification", "2.0.0")
    assert one.decision.model_dump() == {"rule": "guarded", "confidence": 0.95}
    assert one.outcome.model_dump() == {"critical": "pass", "major": "pass", "open_minor": 3}


def test_items_are_the_general_ones_and_the_gates_in_order() -> None:
    assert [one.id for one in read("certification").items] == [*general(), *GATES]
    assert {one.section for one in read("certification").items if one.id in GATES} == {"CRT"}


@pytest.mark.parametrize("gate", ELSEWHERE)
def test_gates_of_the_case_are_named_and_left_to_certify(gate: str) -> None:
    comment = "".join(line for line in FILE.read_text(encoding="utf-8").splitlines() if line.startswith("#"))

    assert gate in comment
    assert "`certify` holds them" in comment
    assert gate not in {one.id for one in read("certification").items}


def test_every_question_needs_evidence_and_another_persons_check() -> None:
    asked = [one for one in read("certification").items if one.ask]

    assert len(asked) == sum(1 for one in general().values() if one.ask) + len(GATES)
    assert [one.id for one in asked if one.answers is None or one.answers.model_dump() != REQUIRED] == []
    assert [one.id for one in read("certification").items if one.criteria and one.answers] == []


def test_only_the_technical_file_weighs_more() -> None:
    changed = {one.id: one.severity for one in kept() if one.severity != general()[one.id].severity}

    assert changed == {"XTR-01": "critical"}
    assert {read("certification").item(gate).severity for gate in GATES} == {"major"}


@pytest.mark.parametrize("key", ["title", "requirement", "ask", "evidence", "remedy", "when", "escalate", "references"])
def test_general_items_say_what_they_said(key: str) -> None:
    assert [one.id for one in kept() if getattr(one, key) != getattr(general()[one.id], key)] == []


def test_limits_are_the_general_ones() -> None:
    for one in kept():
        without = [criterion.model_copy(update={"rule": None}) for criterion in one.criteria]
        assert without == [criterion.model_copy(update={"rule": None}) for criterion in general()[one.id].criteria]


def written_rules() -> dict[tuple[str, int], str | None]:
    with (resources.checklists() / "trustworthy-ai.yaml").open(encoding="utf-8") as file:
        content = YAML(typ="safe").load(file)
    items = [item for section in content["sections"] for item in section["items"]]
    return {
        (item["id"], place): criterion.get("rule")
        for item in items
        for place, criterion in enumerate(item.get("criteria", ()))
    }


def test_what_names_no_rule_of_its_own_is_judged_guarded() -> None:
    own = written_rules()
    for one in kept():
        for place, criterion in enumerate(one.criteria):
            expected = None if criterion.report else own[one.id, place] or "guarded"
            assert criterion.rule == expected, (one.id, place)


@pytest.mark.parametrize("item", ["FAI-02", "FAI-04"])
def test_selection_rates_are_guarded_here_and_four_way_in_the_general_checklist(item: str) -> None:
    assert read("certification").item(item).criteria[0].rule == "guarded"
    assert general()[item].criteria[0].rule == "four_way"


def test_nothing_is_judged_four_way() -> None:
    rules = {criterion.rule for one in read("certification").items for criterion in one.criteria}

    assert rules == {"guarded", "exact", None}


# ---- what answers come to


@pytest.mark.parametrize(
    ("keys", "verdict", "codes"),
    [
        ({}, "not_assessed", ["evidence_missing", "not_checked_by_other"]),
        ({"by": "김", "evidence": (PROOF,)}, "not_assessed", ["not_checked_by_other"]),
        ({"by": "김", "checked_by": "김", "evidence": (PROOF,)}, "not_assessed", ["not_checked_by_other"]),
        ({"by": "김", "checked_by": "이"}, "not_assessed", ["evidence_missing"]),
        ({"by": "김", "checked_by": "이", "evidence": (PROOF,)}, "pass", []),
    ],
)
@pytest.mark.parametrize("item", ["GOV-01", "XTR-01", "OPS-05", "CRT-04", "CRT-06"])
def test_a_favourable_answer_stands_only_with_proof(item, keys, verdict, codes) -> None:
    found = answered(item, **keys)

    assert found.verdict == verdict
    assert [reason.code for reason in found.reasons if reason.code != "escalation_unknown"] == codes


@pytest.mark.parametrize(("answer", "verdict"), [("not_met", "fail"), ("partly", "conditional_fail")])
def test_an_unfavourable_answer_counts(answer: str, verdict: str) -> None:
    assert answered("CRT-04", answer, by="김", checked_by="이", evidence=(PROOF,)).verdict == verdict


def all_findings(**changed: str) -> tuple[Finding, ...]:
    one = read("certification")
    return tuple(
        Finding(item=item.id, severity=item.severity, verdict=changed.get(item.id.replace("-", "_"), "pass"))
        for item in one.items
    )


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "conforms"),
        ({"XTR_01": "fail"}, "does_not_conform"),
        ({"CRT_04": "not_assessed"}, "undetermined"),
        ({"CRT_06": "conditional_fail"}, "undetermined"),
        ({"FAI_02": "inconclusive"}, "undetermined"),
        ({"FAI_05": "conditional_pass"}, "undetermined"),
        ({"PER_02": "fail", "PER_04": "fail", "GOV_01": "fail"}, "conforms_with_conditions"),
        ({"PER_02": "fail", "PER_04": "fail", "GOV_01": "fail", "OPS_05": "fail"}, "does_not_conform"),
    ],
)
def test_the_outcome_keeps_the_agreed_bars(changed, expected) -> None:
    assert outcome_of(all_findings(**changed), read("certification").outcome, {}) == expected


# ---- wording


def test_gates_are_worded_in_both_languages_without_claims() -> None:
    for gate in GATES:
        one = read("certification").item(gate)
        for text in (one.title, one.requirement, one.ask, one.evidence, one.remedy):
            assert HANGUL.search(text["ko"]), gate
            assert not HANGUL.search(text["en"]), gate
            assert not FORBIDDEN.search(text["ko"] + "\n" + text["en"]), gate


def test_gates_ask_politely_in_two_sentences_and_cite_their_clauses() -> None:
    for gate in GATES:
        one = read("certification").item(gate)
        assert re.search(r"니까\? .*니다\.$", one.ask["ko"]), gate
        assert len(re.findall(r"[.?](?=\s|$)", one.ask["ko"])) == 2, gate
        assert "보통 " in one.evidence["ko"], gate
        assert "Usually " in one.evidence["en"], gate
        assert set(one.references) >= GATE_CITES[gate], gate


def test_house_terms_of_the_agreement_are_called_so() -> None:
    one = read("certification").item("CRT-06")

    assert "기관 기본값" in one.evidence["ko"]
    assert "house default" in one.evidence["en"]


# ---- it runs, alone and with a sector


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """The findings on one small submission, by both checklists."""
    folder = tmp_path_factory.mktemp("certification")
    submission = handed_in(folder / "in")
    return {
        name: by_item(assessed(submission, read(name), folder / name)) for name in ("trustworthy-ai", "certification")
    }


def test_a_small_submission_is_assessed_and_left_open(found) -> None:
    one = found["certification"]

    assert list(one) == [item.id for item in read("certification").items]
    assert {one[gate].verdict for gate in GATES} == {"not_assessed"}
    assert {item.verdict for item in one.values()} >= {"not_assessed", "inconclusive"}


def test_no_verdict_is_conditional_and_none_is_better_than_in_the_general_checklist(found) -> None:
    order = "fail error conditional_fail inconclusive not_assessed conditional_pass pass".split()
    strict, easy = found["certification"], found["trustworthy-ai"]
    judged = [item for item in easy if strict[item].criteria and easy[item].verdict in order]

    assert judged
    assert {strict[item].verdict for item in judged} & {"conditional_pass", "conditional_fail"} == set()
    assert [item for item in judged if strict[item].verdict == "pass" and easy[item].verdict != "pass"] == []


@pytest.mark.parametrize("order", ["certification, {}", "{}, certification"])
@pytest.mark.parametrize("sector", SECTORS)
def test_it_goes_together_with_every_sector(sector: str, order: str, tmp_path) -> None:
    path = tmp_path / "both.yaml"
    path.write_text(
        f"checklist: both\nformat: 1\nversion: 1.0.0\ntitle: {{ko: 가, en: a}}\nextends: [{order.format(sector)}]\n",
        encoding="utf-8",
    )
    both, alone = validate(path), {one.id: one for one in read(sector).items}

    assert {one.id for one in both.items} == {*alone, *GATES}
    assert both.decision.rule == "guarded"
    assert both.item("XTR-01").severity == "critical"
    for one in both.items:
        if one.id in alone:
            assert one.when == alone[one.id].when, one.id
            assert {criterion.rule for criterion in one.criteria} <= {"guarded", "exact", None}, one.id
        # What is measured here and asked there counts as the sector's own question.
        if one.ask and one.id in general() and general()[one.id].ask:
            assert one.answers is not None, one.id
            assert one.answers.model_dump() == REQUIRED, one.id


def test_it_is_accepted_by_its_path() -> None:
    assert validate(FILE).sha256 == read("certification").sha256
