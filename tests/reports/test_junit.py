import xml.etree.ElementTree as ET

import pytest
from lxml import etree

from reliability import resources
from reliability.reports.junit import KINDS, junit_of
from reliability.words.text import LANGUAGES, words
from tests.reports.sample import assessment, finding, measured, result, unmeasured
from tests.reports.test_tables import of_small_groups, with_criteria
from tests.reports.worst import worst

SCHEMA = etree.XMLSchema(etree.parse(resources.schemas() / "junit.xsd"))


@pytest.fixture(scope="module")
def hostile():
    return junit_of(worst(), words("ko"))


def read(record, lang="en"):
    return ET.fromstring(junit_of(record, words(lang)))


def case(root, item):
    (found,) = [one for one in root.iter("testcase") if one.get("name").split()[0] == item]
    return found


def told(case):
    return {one.get("name"): one.get("value") for one in case.find("properties")}


def broken(**changes):
    """A sample file with one thing changed in its text."""
    text = junit_of(assessment(), words("en")).decode()
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new, 1)
    return etree.fromstring(text.encode())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_file_is_valid_by_the_schema_that_is_shipped(lang):
    SCHEMA.assertValid(etree.fromstring(junit_of(assessment(), words(lang))))


def test_worst_record_gives_a_valid_file(hostile):
    SCHEMA.assertValid(etree.fromstring(hostile, etree.XMLParser(huge_tree=True)))


@pytest.mark.parametrize(
    "change",
    [
        ('type="fail"', 'type="bad"'), ('skipped="3"', 'skipped="-1"'), ('name="verdict"', 'name="opinion"'),
        ("<skipped ", "<ignored "), ('timestamp="2026', 'timestamp="at 2026'),
    ],
)  # fmt: skip
def test_schema_refuses_what_a_build_server_would_not_understand(change):
    assert not SCHEMA.validate(broken(change=change))


def test_every_item_is_one_case_in_the_suite_of_its_section():
    root = read(assessment())
    cases = [(suite.get("name"), one.get("classname")) for suite in root for one in suite.iter("testcase")]

    assert len(cases) == len(assessment().findings)
    assert all(suite == section for suite, section in cases)
    assert cases[0] == ("GOV Governance",) * 2


def test_case_is_named_by_item_and_title_in_the_language_asked_for():
    names = [case(read(assessment(), lang), "DAT-03").get("name") for lang in LANGUAGES]

    assert names == [
        "DAT-03 평가 데이터에 중복 행이 없다.",
        "DAT-03 The evaluation data hold no duplicate rows.",
    ]


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ("FAI-02", "failure"), ("FAI-03", "failure"), ("TRA-01", "failure"), ("ROB-02", "error"), ("DAT-07", "skipped"),
        ("GOV-04", "skipped"), ("TRA-02", "skipped"), ("PER-01", None), ("PER-04", None), ("PER-05", None),
    ],
)  # fmt: skip
def test_verdict_becomes_what_a_build_server_knows(item, kind):
    tags = {one.tag for one in case(read(assessment()), item)} - {"properties", "system-out"}

    assert tags == ({kind} if kind else set())


def test_undecided_item_says_why():
    assert case(read(assessment()), "DAT-07").find("skipped").get("message") == "No training data were handed in."


def test_failure_says_what_was_found_what_is_required_and_what_to_do():
    failure = case(read(assessment()), "FAI-02").find("failure")

    assert failure.get("type") == "fail"
    assert "the limit is not met" in failure.get("message")
    assert "Selection rates do not differ much" in failure.text
    assert "Reweight the training sample" in failure.text


def test_properties_hold_the_figures_of_the_measurement_that_decides():
    found = told(case(read(assessment()), "FAI-02"))
    figures = {"value": "0.674", "low": "0.55", "high": "0.79", "n": "2423", "threshold": ">= 0.8", "rule": "four_way"}

    assert figures.items() <= found.items()
    assert (found["verdict"], found["severity"], found["by"]) == ("fail", "critical", "sex")


def test_worst_of_several_slices_decides():
    slices = tuple(
        measured("performance.accuracy", (value, value - 0.05, value + 0.05)).model_copy(
            update={"by": ("g",), "slice": {"g": name}}
        )
        for name, value in (("a", 0.95), ("b", 0.4), ("c", 0.9))
    )
    by_slice = result("fail", slices[0], at_least=0.8).model_copy(update={"measurements": slices})
    found = told(case(read(with_criteria(by_slice)), "FAI-02"))

    assert (found["value"], found["slice"]) == ("0.4", "g=b")


@pytest.mark.parametrize(
    ("limit", "threshold"),
    [
        ({"at_most": 0.1}, "<= 0.1"),
        ({"between": (0.8, 1.2)}, ">= 0.8 and <= 1.2"),
        ({"equals": 1.0}, "= 1"),
    ],
)
def test_threshold_is_written_in_plain_signs(limit, threshold):
    one = result("fail", measured("performance.recall", (0.5, 0.4, 0.6)), **limit)

    assert told(case(read(with_criteria(one)), "FAI-02"))["threshold"] == threshold


def test_exact_value_has_no_interval():
    assert told(case(read(assessment()), "DAT-03")).keys().isdisjoint({"low", "high", "confidence"})


def test_what_was_not_measured_has_no_value():
    found = told(case(read(assessment()), "ROB-02"))

    assert "value" not in found
    assert found["check"] == "robustness.missing_value_consistency"


def test_asked_item_tells_its_answer_and_nobodys_name():
    root = read(assessment(), "ko")

    assert told(case(root, "GOV-02"))["answer"] == "partly"
    assert "김하늘" not in ET.tostring(root, encoding="unicode")


def test_counts_are_those_of_the_cases():
    root = read(assessment())
    counts = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}

    for suite in (root, *root):
        assert {name: suite.get(name) for name in counts} == {
            name: str(len(list(suite.iter(tag)))) for name, tag in counts.items()
        }
    assert (root.get("tests"), root.get("failures"), root.get("errors"), root.get("skipped")) == ("16", "5", "1", "3")


def test_suite_tells_outcome_and_digests_of_the_record():
    found = told(read(assessment())[0])

    assert (found["outcome"], found["checklist"]) == ("does_not_conform", "trustworthy-ai 1.0.0")
    assert (found["model_sha256"], found["data_sha256"]) == ("56" * 32, "34" * 32)


def test_figures_of_a_small_group_that_decides_are_withheld():
    slices = tuple(
        measured("performance.accuracy", numbers, n=n).model_copy(update={"by": ("g",), "slice": {"g": name}})
        for name, numbers, n in (
            ("a", (0.95, 0.9, 0.99), 90),
            ("b", (0.411, 0.3, 0.5), 3),
            ("c", (0.9, 0.85, 0.95), 50),
        )
    )
    by_slice = result("fail", slices[0], at_least=0.8).model_copy(update={"measurements": slices})
    found = told(case(read(with_criteria(by_slice)), "FAI-02"))

    assert found["suppressed"] == "true"
    assert found.keys().isdisjoint({"value", "low", "high", "n"})


def test_text_lines_withhold_small_groups_as_documents_do():
    text = case(read(of_small_groups()), "FAI-02").find("system-out").text

    assert [figure for figure in ("0.78", "77.7", "0.89", "88.8") if figure in text] == []
    assert "50.0%" in text


def test_words_of_a_model_stay_in_the_case():
    failed = unmeasured("robustness.missing_value_consistency", "model_raised")
    reason = failed.reason.model_copy(update={"with_": {"error": "secret words", "message": "secret words"}})
    one = result("error", failed.model_copy(update={"reason": reason}), at_least=0.9)

    assert b"secret words" not in junit_of(with_criteria(one, verdict="error"), words("en"))


def test_every_verdict_that_is_no_pass_is_told_apart_from_one():
    passed = {"pass", "conditional_pass", "reported"}

    assert KINDS.keys().isdisjoint(passed)
    assert all(("pass" in verdict) is False for verdict in KINDS)


def test_record_without_findings_gives_an_empty_valid_file():
    written = junit_of(assessment(findings=()), words("en"))

    SCHEMA.assertValid(etree.fromstring(written))
    assert ET.fromstring(written).get("tests") == "0"


def test_order_of_cases_is_that_of_the_findings():
    found = [finding("GOV-01"), finding("FAI-02")]
    names = [one.get("name").split()[0] for one in read(assessment(findings=tuple(found))).iter("testcase")]

    assert names == ["GOV-01", "FAI-02"]
