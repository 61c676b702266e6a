import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.errors import ChecklistError
from reliability.facts import FACTS, FACTS_VERSION, deciding, evaluate, facts_named, nearest_fact, parse

THREE = (True, False, None)
NAMES = ("hiring", "generative", "affects_people")


def both(left, right):
    return False if False in (left, right) else None if None in (left, right) else True


def either(left, right):
    return True if True in (left, right) else None if None in (left, right) else False


EXPRESSIONS = st.recursive(
    st.sampled_from(NAMES),
    lambda inner: st.one_of(
        inner.map(lambda one: f"not ({one})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} and {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} or {two[1]})"),
    ),
    max_leaves=6,
)
WORLDS = st.fixed_dictionaries({name: st.sampled_from(THREE) for name in NAMES})


def test_facts_hold_every_name_of_format_1():
    assert FACTS_VERSION == "1"
    assert {fact.name for fact in FACTS.values() if fact.origin == "screening"} == {
        "kr_high_impact",
        "fully_automated_serious_effect",
        "hub_tier_T3",
    }
    assert {fact.name for fact in FACTS.values() if fact.origin == "data"} == {
        "labels_available",
        "outputs_probability",
        "two_or_more_sensitive",
        "training_members_available",
        "classification",
        "regression",
        "monotone_declared",
        "population_declared",
        "time_declared",
        "dependencies_declared",
        "periods_declared",
    }
    assert sum(fact.origin == "stated" for fact in FACTS.values()) == 11


@pytest.mark.parametrize(("left", "right"), list(itertools.product(THREE, THREE)))
def test_and_or_follow_kleene_for_every_pair(left, right):
    world = {"hiring": left, "generative": right}

    assert evaluate("hiring and generative", world) is both(left, right)
    assert evaluate("hiring or generative", world) is either(left, right)


@pytest.mark.parametrize(("value", "negated"), [(True, False), (False, True), (None, None)])
def test_not_keeps_unknown_unknown(value, negated):
    assert evaluate("not hiring", {"hiring": value}) is negated


def test_fact_that_was_never_stated_is_unknown():
    assert evaluate("hiring", {}) is None


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("hiring or generative and affects_people", True),
        ("(hiring or generative) and affects_people", False),
        ("not generative and hiring", True),
        ("not (generative or hiring)", False),
        ("not not hiring", True),
        ("  hiring\n  or generative ", True),
    ],
)
def test_and_binds_closer_than_or_and_not_closest(expression, expected):
    world = {"hiring": True, "generative": False, "affects_people": False}

    assert evaluate(expression, world) is expected


@given(EXPRESSIONS, WORLDS)
def test_evaluate_agrees_with_de_morgan(expression, world):
    value = evaluate(expression, world)

    assert evaluate(f"not ({expression})", world) is (None if value is None else not value)
    assert evaluate(f"({expression}) and ({expression})", world) is value


@given(EXPRESSIONS, WORLDS, WORLDS)
def test_learning_an_unknown_fact_never_turns_a_settled_value(expression, world, learned):
    fuller = {name: learned[name] if value is None else value for name, value in world.items()}
    before = evaluate(expression, world)

    assert before is None or evaluate(expression, fuller) is before


@given(EXPRESSIONS, WORLDS)
def test_deciding_facts_alone_give_the_same_value(expression, world):
    decisive = deciding(expression, world)

    assert decisive
    if evaluate(expression, world) is not None:
        assert evaluate(expression, {name: world[name] for name in decisive}) is evaluate(expression, world)


def test_facts_named_lists_each_once_in_order():
    assert facts_named("hiring or not generative and hiring") == ("hiring", "generative")


@pytest.mark.parametrize(
    ("expression", "world", "names"),
    [
        ("hiring and generative", {"hiring": False, "generative": True}, ("hiring",)),
        ("hiring and generative", {"hiring": False, "generative": False}, ("hiring", "generative")),
        ("hiring or generative", {"hiring": None, "generative": False}, ("hiring",)),
        ("not hiring", {"hiring": True}, ("hiring",)),
    ],
)
def test_deciding_names_only_what_settles_it(expression, world, names):
    assert deciding(expression, world) == names


def test_unknown_fact_is_refused_with_the_nearest_name():
    with pytest.raises(ChecklistError, match=r"^a\.yaml:3:5: .*'hireing'.*nearest is 'hiring'") as refused:
        parse("hireing", where="a.yaml:3:5")

    assert refused.value.code == "fact_unknown"


@pytest.mark.parametrize(
    "expression",
    [
        "",
        " ",
        "hiring and",
        "and hiring",
        "hiring generative",
        "(hiring",
        "hiring)",
        "not",
        "()",
        "hiring & generative",
        "1",
        "__import__('os')",
        "hiring.generative",
        "(" * 40 + "hiring" + ")" * 40,
        "not " * 2000 + "hiring",
    ],
)
def test_expression_is_refused_when_unreadable(expression):
    with pytest.raises(ChecklistError) as refused:
        parse(expression, where="a.yaml:1:1")

    assert refused.value.code in {"expression_unreadable", "fact_unknown"}


OTHERS = frozenset({"harm", "harm.minor", "role.builds"})


@pytest.mark.parametrize(("value", "expected"), [(True, False), (False, True), (None, None)])
def test_an_expression_may_speak_of_another_closed_list_of_names(value, expected):
    assert evaluate("not harm.minor", {"harm.minor": value}, names=OTHERS) is expected
    assert deciding("harm or harm.minor", {"harm": False, "harm.minor": True}, names=OTHERS) == ("harm.minor",)
    assert facts_named("harm and role.builds", names=OTHERS) == ("harm", "role.builds")


@pytest.mark.parametrize(
    ("expression", "code", "line"),
    [
        ("harm.miner", "name_unknown", "w: 'harm.miner' names 'harm.miner': no such name; nearest is 'harm.minor'"),
        ("hiring", "name_unknown", "w: 'hiring' names 'hiring': no such name; nearest is 'harm.minor'"),
        ("harm.", "expression_unreadable", "w: 'harm.' cannot be read at 'harm.'"),
        (".harm", "expression_unreadable", "w: '.harm' cannot be read at '.harm'"),
        ("harm..minor", "expression_unreadable", "w: 'harm..minor' cannot be read at 'harm..minor'"),
    ],
)
def test_what_another_list_does_not_name_is_refused(expression, code, line):
    with pytest.raises(ChecklistError) as refused:
        parse(expression, where="w", names=OTHERS)

    assert refused.value.code == code
    assert str(refused.value).startswith(line)


def test_the_same_expression_means_what_each_list_says():
    assert evaluate("hiring", {"hiring": True}) is True
    with pytest.raises(ChecklistError):
        evaluate("hiring", {"hiring": True}, names=OTHERS)


def test_capitals_are_not_the_words_of_the_logic():
    with pytest.raises(ChecklistError):
        evaluate("hiring AND generative", {})


@pytest.mark.parametrize(
    ("expression", "code", "line"),
    [
        ("hiring and", "expression_unreadable", "w: 'hiring and' cannot be read at 'the end'; use fact names with and"),
        ("(hiring", "expression_unreadable", "w: '(hiring' cannot be read at 'the end'"),
        ("hiring)", "expression_unreadable", "w: 'hiring)' cannot be read at ')'"),
        ("hiring & generative", "expression_unreadable", "w: 'hiring & generative' cannot be read at '&'"),
        ("or hiring", "expression_unreadable", "w: 'or hiring' cannot be read at 'or'"),
        ("not and", "expression_unreadable", "w: 'not and' cannot be read at 'and'"),
        ("hiring\nor x", "fact_unknown", r"w: 'hiring\nor x' names 'x': no such fact; nearest is "),
        ("genrative", "fact_unknown", "w: 'genrative' names 'genrative': no such fact; nearest is 'generative', see"),
        ("hiring or Hiring", "fact_unknown", "w: 'hiring or Hiring' names 'Hiring': no such fact; nearest is 'hiring'"),
    ],
)
def test_a_refusal_names_the_place_at_which_reading_ends(expression, code, line):
    with pytest.raises(ChecklistError) as refused:
        parse(expression, where="w")

    assert refused.value.code == code
    assert str(refused.value).startswith(line)


@pytest.mark.parametrize(
    "expression",
    [
        "not " * 3_000 + "hiring",
        "(" * 3_000,
        "x" * 3_000,
        "hiring and " * 3_000,
        "hiring " + "é" * 3_000,
        "hiring)" * 900,
    ],
)
def test_a_refusal_shows_no_more_than_the_beginning_of_a_long_expression(expression):
    with pytest.raises(ChecklistError) as refused:
        parse(expression, where="w")

    assert f"w: {expression[:58]!r}"[:55] in str(refused.value)
    assert "…" in str(refused.value)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    ("depth", "read"), [(0, True), (1, True), (31, True), (32, False), (33, False), (1_000, False), (30_000, False)]
)
@pytest.mark.parametrize("wrap", [("not ", ""), ("(", ")")])
def test_nesting_is_read_to_its_limit_and_refused_beyond(wrap, depth, read):
    expression = wrap[0] * depth + "hiring" + wrap[1] * depth

    if read:
        assert evaluate(expression, {"hiring": True}) is (wrap[0] == "(" or depth % 2 == 0)
    else:
        with pytest.raises(ChecklistError, match="cannot be read at"):
            parse(expression, where="w")


def test_an_expression_may_be_long_when_it_is_not_deep():
    long = " or ".join(["generative and not affects_people"] * 500)

    assert evaluate(long, {"generative": True, "affects_people": False}) is True
    assert facts_named(long) == ("generative", "affects_people")


@pytest.mark.parametrize(
    "spaced", ["hiring and(not generative)", "hiring\tand\n( not\ngenerative )", "hiring and not generative"]
)
@given(WORLDS)
def test_spaces_and_line_breaks_mean_nothing(spaced, world):
    assert evaluate(spaced, world) is evaluate("hiring and not generative", world)


@given(EXPRESSIONS, EXPRESSIONS, WORLDS)
def test_and_and_or_take_their_sides_in_any_order(one, other, world):
    for word in ("and", "or"):
        forward, backward = f"({one}) {word} ({other})", f"({other}) {word} ({one})"
        assert evaluate(forward, world) is evaluate(backward, world)
        assert set(deciding(forward, world)) == set(deciding(backward, world))
        assert set(facts_named(forward)) == set(facts_named(one)) | set(facts_named(other))


@given(EXPRESSIONS, EXPRESSIONS, EXPRESSIONS, WORLDS)
def test_and_spreads_over_or(one, two, three, world):
    together = evaluate(f"({one}) and (({two}) or ({three}))", world)

    assert together is evaluate(f"(({one}) and ({two})) or (({one}) and ({three}))", world)


@given(EXPRESSIONS, WORLDS)
def test_a_fact_that_is_named_nowhere_changes_nothing(expression, world):
    assert evaluate(expression, {**world, "kr_high_impact": True}) is evaluate(expression, world)
    assert deciding(expression, {**world, "kr_high_impact": True}) == deciding(expression, world)


@given(EXPRESSIONS, WORLDS)
def test_what_decides_is_among_what_is_named(expression, world):
    assert set(deciding(expression, world)) <= set(facts_named(expression))


@given(EXPRESSIONS)
def test_an_expression_over_nothing_stated_is_unknown_and_named_in_full(expression):
    assert evaluate(expression, {}) is None
    assert set(deciding(expression, {})) <= set(facts_named(expression))


@given(EXPRESSIONS, WORLDS)
def test_an_expression_that_is_unknown_is_decided_by_unknown_facts_alone(expression, world):
    if evaluate(expression, world) is None:
        assert any(world[name] is None for name in deciding(expression, world))


@pytest.mark.parametrize("name", sorted(FACTS))
def test_every_fact_stands_alone_as_an_expression(name):
    assert parse(name, where="w") is None
    assert facts_named(f"not {name}") == deciding(name, {name: True}) == (name,)
    assert evaluate(f"{name} or not {name}", {name: False}) is True


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("hireing", "hiring"),
        ("generativ", "generative"),
        ("row_share_entity", "rows_share_entities"),
        ("personal_data", "processes_personal_data"),
        ("regresion", "regression"),
    ],
)
def test_the_nearest_fact_is_the_one_spelt_most_alike(name, near):
    assert nearest_fact(name) == near


@given(st.text(max_size=20))
def test_some_fact_is_nearest_to_any_text(name):
    assert nearest_fact(name) in FACTS


@given(st.text(alphabet="hiring andotr()x&.", max_size=40))
def test_any_text_is_read_or_refused_in_one_line(text):
    code, said = "", ""
    try:
        parse(text, where="w")
    except ChecklistError as refused:
        code, said = refused.code, str(refused)

    assert code in {"", "expression_unreadable", "fact_unknown"}
    assert "\n" not in said
    assert code or evaluate(text, {}) is None
