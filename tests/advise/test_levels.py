from reliability.advise.levels import codes_in, levels_of, slice_of
from tests.builders import block

ROWS = block([0] * 5, groups={"sex": ["F", "M", None, "F", "M"], "age": ["old", "old", "old", "young", None]})


def test_levels_of_one_attribute_are_those_that_occur():
    levels, codes = levels_of(ROWS.groups, ("sex",))

    assert [None if code < 0 else levels[code] for code in codes] == [("F",), ("M",), None, ("F",), ("M",)]


def test_a_row_whose_group_is_unknown_under_one_attribute_is_of_no_combination():
    levels, codes = levels_of(ROWS.groups, ("sex", "age"))

    assert [None if code < 0 else levels[code] for code in codes] == [
        ("F", "old"), ("M", "old"), None, ("F", "young"), None,
    ]  # fmt: skip


def test_levels_that_were_not_met_when_it_was_learnt_have_no_place():
    assert codes_in((("M",),), ROWS.groups, ("sex",)).tolist() == [-1, 0, -1, -1, 0]


def test_a_level_is_named_by_its_attributes():
    assert slice_of(("sex", "age"), ("F", "old")) == {"sex": "F", "age": "old"}
