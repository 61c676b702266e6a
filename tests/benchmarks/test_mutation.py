from benchmarks import mutation
from benchmarks.mutation import AREAS, NOT_RUN, Mutant, page, section

FOUND = [
    ("reliability.checklist.judge.x_verdict__mutmut_1", "killed"),
    ("reliability.checklist.judge.x_verdict__mutmut_2", "timeout"),
    ("reliability.checklist.judge.x_verdict__mutmut_3", "survived"),
    ("reliability.checklist.judge.x_verdict__mutmut_4", "not checked"),
]
ALIVE = Mutant("reliability.checklist.judge.x_verdict__mutmut_3", "checklist.judge", "verdict", "a < b", "a <= b")


def test_a_section_counts_what_was_noticed_and_what_was_not(monkeypatch):
    monkeypatch.setattr(mutation, "explained", dict)
    told = section("judge", FOUND, [ALIVE])

    assert "**4 mutants, 2 noticed by a test, 1 not.** Of those, 0 are explained below and 1 are not." in told
    assert "| checklist.judge | 4 | 2 | 1 | 1 |" in told
    assert "`a < b` → `a <= b`: **not explained**" in told


def test_a_reason_is_known_by_what_was_changed(monkeypatch):
    monkeypatch.setattr(mutation, "explained", lambda: {ALIVE.key: "Both are one."})
    told = section("judge", FOUND, [ALIVE])

    assert "1 are explained below and 0 are not" in told
    assert told.endswith("`a < b` → `a <= b`: Both are one.")


def test_an_area_that_was_not_run_claims_nothing():
    told = page("", {"judge": "On a day."})

    assert told.count(NOT_RUN) == len(AREAS) - 1
    assert "## judge\n\nOn a day.\n" in told


def test_sections_of_other_areas_stay_as_they_were():
    first = page("", {"judge": "On Monday.", "intervals": "On Monday.\n\n- one `f`: `a` → `b`: so."})
    second = page(first, {"judge": "On Friday."})

    assert "On Friday." in second
    assert "## intervals\n\nOn Monday.\n\n- one `f`: `a` → `b`: so.\n" in second
    assert page(second, {}) == second


def test_every_reason_belongs_to_a_module_that_there_is():
    modules = {module for module, *_ in mutation.explained()}

    missing = [
        name for name in modules if not (mutation.ROOT / "reliability" / (name.replace(".", "/") + ".py")).is_file()
    ]
    assert missing == []
