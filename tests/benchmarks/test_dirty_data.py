from benchmarks.dirty_data import all_found_in, constraints, found_in, section, tables
from reliability.blocks import Dependency


def test_constraints_are_read_as_dependencies(tmp_path):
    rules = tmp_path / "rules.txt"
    rules.write_text("t1&t2&EQ(t1.Zip,t2.Zip)&IQ(t1.City,t2.City)\nt1&t2&EQ(t1.A,t2.A)&EQ(t1.B,t2.B)&IQ(t1.C,t2.C)\n")

    assert constraints(rules, {"C": "D"}) == (
        Dependency(given=("Zip",), fixes="City"),
        Dependency(given=("A", "B"), fixes="D"),
    )


def test_the_errors_of_a_dirty_table_are_named():
    for table in tables():
        every, listed = all_found_in(table), found_in(table)
        named = frozenset().union(*(every[name] for name in every if name != "missing_spellings"))

        assert (len(table.wrong), len(table.dependencies)) == (509, 15)
        assert len(named & table.wrong) / len(named) >= 0.95
        assert len(named & table.wrong) / len(table.wrong) >= 0.85
        assert all(listed[name] <= every[name] for name in every)


def test_the_section_says_what_is_not_found():
    assert "What is not found" in section()
