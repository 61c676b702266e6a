import pytest

from reliability.errors import SubmissionError
from reliability.screening.answers import answered_value
from reliability.screening.inputs import read_inputs
from tests.screening.credit import CREDIT, QUESTIONS
from tests.screening.sheets import inputs, read, sheet, submission

HEAD = "screening: 1\nversion: 1.0.0\n"


def refused(tmp_path, text):
    with pytest.raises(SubmissionError) as caught:
        read(tmp_path, text)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_status == 2
    return caught.value.code, str(caught.value)


def answer(text):
    return f"{HEAD}answers:\n  {text}\n"


def test_a_sheet_is_read_with_its_values_as_the_questions_take_them(tmp_path):
    assert read(tmp_path, sheet()).values == CREDIT


def test_without_a_sheet_there_are_no_answers(tmp_path):
    assert read(tmp_path, None).given == {}


@pytest.mark.parametrize("text", [HEAD, f"{HEAD}answers:\n", f"{HEAD}answers: {{}}\n"])
def test_a_sheet_without_answers_is_one(tmp_path, text):
    assert read(tmp_path, text).values == {}


@pytest.mark.parametrize("value", ["unknown", "", "~"])
def test_an_answer_that_is_unknown_or_left_empty_does_not_count(tmp_path, value):
    found = read(tmp_path, answer(f"ai_system: {{value: {value}, because: '', by: '', date: ''}}"))

    assert found.values == {}
    assert found.given["ai_system"].value == "unknown"
    assert found.given["ai_system"].because is None


def test_who_answered_when_and_why_is_kept(tmp_path):
    text = answer('ai_system: {value: false, because: "규칙표: #1", by: 김하늘, date: 2026-01-31}')

    given = read(tmp_path, text).given["ai_system"]

    assert (given.because, given.by, given.date) == ("규칙표: #1", "김하늘", "2026-01-31")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("kr_domains: {value: [water, energy]}", ("energy", "water")),  # in the order of the question
        ("kr_domains: {value: [water, water]}", ("water",)),
        ("kr_domains: {value: energy}", ("energy",)),
        ("people_per_year: {value: 1e4}", 10_000),
        ("people_per_year: {value: 0}", 0),
        ("training_flop: {value: 1e26}", 1e26),
        ("harm: {value: grave}", "grave"),
    ],
)
def test_a_value_is_taken_as_the_question_means_it(tmp_path, text, value):
    assert list(read(tmp_path, answer(text)).values.values()) == [value]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("ai_system: {value: yes}", "screening_value",
         "screening_answers.yaml:4: ai_system is 'yes'; write one of: true, false, unknown"),
        ("ai_system: {value: 1}", "screening_value", "ai_system is 1; write one of: true, false, unknown"),
        ("ai_system: {value: [true]}", "screening_value", "ai_system is [True]; "),
        ("role: {value: build}", "screening_value", "role is 'build'; write one of: builds_and_serves, builds, serves"),
        ("role: {value: [builds]}", "screening_value", "role is ['builds']; "),
        ("kr_domains: {value: []}", "screening_value", "kr_domains is []; write one of: energy, water"),
        ("kr_domains: {value: [energie]}", "screening_value", "kr_domains is 'energie'; write one of: energy"),
        ("kr_domains: {value: [energy, 3]}", "screening_value", "kr_domains is 3; "),
        ("kr_domains: {value: [energy, none], because: x}", "screening_choice_alone",
         "kr_domains has none beside others; keep it alone or leave it out"),
        ("people_per_year: {value: many}", "screening_value", "people_per_year is 'many'; write one of: 0, 1, 2"),
        ("people_per_year: {value: -1}", "screening_value", "people_per_year is -1; "),
        ("people_per_year: {value: true}", "screening_value", "people_per_year is true; "),
        ("ai_system: {value: false}", "screening_reason_missing",
         "screening_answers.yaml:4: ai_system is false, which takes a duty away; say why in because"),
        ("kr_domains: {value: [none], because: ' '}", "screening_reason_missing", "kr_domains is ['none']"),
        ("harm: {value: minor}", "screening_reason_missing", "harm is 'minor'"),
        ("final_decision: {value: human}", "screening_reason_missing", "final_decision is 'human'"),
        ("kr_domain: {value: [none]}", "screening_question_unknown", "did you mean kr_domains?"),
        ("ai_system: true", "value_not_mapping", "screening_answers.yaml:4: answers.ai_system must be a mapping"),
        ("ai_system: {valu: true}", "key_unknown", "answers.ai_system.valu is no key here; did you mean value?"),
        ("ai_system: {value: true, date: 31.01.2026}", "date_not_iso", "must be a date, as in 2026-01-31"),
        ("ai_system: {value: true}\n  ai_system: {value: true}", "yaml_duplicate_key", "stands on line 4 already"),
        ("ai_system: &a {value: true}", "yaml_alias", "anchors and aliases are refused"),
        ("ai_system: {value: !!python/object:os.system x}", "yaml_tag", "is refused; leave it out"),
        ("ai_system: {value: .nan}", "yaml_not_finite", "is no finite number"),
        ("ai_system: {value: true", "yaml_syntax", "not valid YAML"),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_used_is_refused_with_its_line(tmp_path, text, code, line):
    met, said = refused(tmp_path, answer(text))

    assert met == code
    assert line in said
    assert said.startswith("screening_answers.yaml:")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("version: 1.0.0\nanswers: {}\n", "key_missing"),
        ("screening: true\nversion: 1.0.0\n", "value_not_allowed"),
        ("screening: 2\nversion: 1.0.0\n", "value_not_allowed"),
        ("screening: 1\n", "key_missing"),
        ("screening: 1\nversion: 1\n", "value_not_text"),
        ("- a\n- b\n", "value_not_mapping"),
        ("", "value_not_mapping"),
        (f"{HEAD}answers: [a]\n", "value_not_mapping"),
        (f"{HEAD}extra: 1\n", "key_unknown"),
        ("x" * 1_000_001, "yaml_too_large"),
        (f"{HEAD}answers:\n  1: {{value: true}}\n", "key_not_text"),
        (f"{HEAD}answers: {'{a: ' * 80}1{'}' * 80}\n", "yaml_too_deep"),
    ],
)
def test_a_sheet_that_is_none_is_refused_in_one_line(tmp_path, text, code):
    assert refused(tmp_path, text)[0] == code


@pytest.mark.parametrize("name", ["ai_system\x1b[31m", "나라", "__class__", "a" * 900])
def test_a_strange_question_is_refused_by_name(tmp_path, name):
    with pytest.raises(SubmissionError) as caught:
        read(tmp_path, f'{HEAD}answers:\n  "{name.encode("unicode_escape").decode()}": {{value: true}}\n')

    assert caught.value.code in {"screening_question_unknown", "value_invalid", "key_not_text"}


def test_a_number_too_large_for_the_record_becomes_a_quantity(tmp_path):
    value = read(tmp_path, answer("total_revenue: {value: 99999999999999999999}")).values["total_revenue"]

    assert (value, type(value)) == (1e20, float)


def test_a_sheet_that_leads_out_of_the_folder_is_refused(tmp_path):
    (tmp_path / "elsewhere.yaml").write_text(sheet(), encoding="utf-8")
    folder = submission(tmp_path / "s")
    (folder / "screening_answers.yaml").symlink_to(tmp_path / "elsewhere.yaml")

    with pytest.raises(SubmissionError, match="leaves the submission's folder"):
        read_inputs(folder)


def test_answers_to_another_version_are_kept_and_do_not_count(tmp_path):
    found = read(tmp_path, sheet(version="0.9.0", lines=["  gone_question: {value: whatever}"]))

    assert found.values == {}
    assert found.outdated == {*CREDIT, "gone_question"}
    assert found.given["harm"].value == "serious"


def test_an_answer_may_say_itself_to_which_version_it_was_given(tmp_path):
    text = f"{HEAD}answers:\n  ai_system: {{value: true}}\n  talks: {{value: true, version: 0.9.0}}\n"

    found = read(tmp_path, text)

    assert (found.values, found.outdated) == ({"ai_system": True}, {"talks"})


@pytest.mark.parametrize(
    "changes",
    [
        {"incidents": True}, {"people_per_year": 1_201}, {"incidents": None}, {"kr_domains": ("energy",)},
        {"harm": "limited"},
    ],
)  # fmt: skip
def test_the_digest_follows_every_answer(tmp_path, changes):
    assert inputs(tmp_path / "a").digest != inputs(tmp_path / "b", **changes).digest


def test_the_digest_follows_reasons_facts_and_the_version_of_the_system_and_nothing_else(tmp_path):
    here = inputs(tmp_path / "a").digest

    def digest(old, new, name="submission.yaml"):
        folder = submission(tmp_path / "b", sheet())
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
        return read_inputs(folder).digest

    assert digest('"1.0"', '"1.1"') != here
    assert digest("task: binary", "facts: {hiring: {is: false, because: 아님}}\ntask: binary") != here
    assert digest("국내에서만 쓴다", "국내 고객뿐", "screening_answers.yaml") != here
    assert digest("answers:\n", "# a comment\nanswers:\n", "screening_answers.yaml") == here
    assert digest("approved", "granted") == here


def test_the_digest_is_that_of_the_meaning_not_of_the_writing(tmp_path):
    one = read_inputs(submission(tmp_path / "a", answer("kr_domains: {value: [water, energy]}")))
    other = read_inputs(submission(tmp_path / "b", f"{HEAD}answers:\n  kr_domains:\n    value: [energy, water]\n"))

    assert one.digest == other.digest


def test_any_value_of_another_version_can_be_digested(tmp_path):
    odd = "{a: 1e300, b: [~, 123456789012345678901234567890]}"
    text = answer(f"odd: {{value: {odd}}}").replace("1.0.0", "0.1.0")

    assert len(read_inputs(submission(tmp_path, text)).digest) == 64


def test_choices_of_every_question_are_accepted(tmp_path):
    for question in QUESTIONS.text.questions:
        for choice in question.choices:
            taken = answered_value(question, [choice.id] if question.kind == "list" else choice.id, where="–")
            assert taken in (choice.id, (choice.id,))
