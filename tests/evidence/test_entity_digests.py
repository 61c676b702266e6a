from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.evidence.entity_digests import EntityDigests
from tests.builders import block


def entities(*digests):
    return EntityDigests.of(block([0] * len(digests), entity=digests))


def test_entity_digests_are_distinct_and_ascending():
    assert entities(5, 3, 5, 2**63).digests.tolist() == [3, 5, 2**63]


def test_entity_digests_add_as_sets_in_any_order():
    assert (entities(5, 3) + entities(3, 1)).digests.tolist() == [1, 3, 5]
    assert (entities(3, 1) + entities(5, 3)).n == 3


def test_entity_digests_count_what_two_files_share():
    assert entities(1, 2, 3).shared_with(entities(3, 4, 1)) == 2


def test_entity_digests_are_empty_where_rows_name_no_entity():
    assert (EntityDigests.of(block([0, 1])) + EntityDigests.of(block([]))).n == 0


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20),
    st.lists(st.integers(0, 30), min_size=1, max_size=20),
    st.lists(st.integers(0, 30), min_size=1, max_size=20),
)
def test_entity_digests_agree_with_sets(wide, first, second):
    one, two, three = (EntityDigests.of(block([0] * len(ids), entity=ids)) for ids in (wide, first, second))

    assert one.digests.tolist() == sorted(set(wide))
    assert (two + three).n == len({*first, *second})
    assert two.shared_with(three) == three.shared_with(two) == len({*first} & {*second})
    assert ((one + two) + three).digests.tolist() == (three + (two + one)).digests.tolist()


def test_entity_digests_stay_as_they_are_when_a_block_is_counted_twice():
    once = entities(9, 4, 9)

    assert (once + once).digests.tolist() == once.digests.tolist() == [4, 9]
    assert once.shared_with(once) == once.n == 2


def test_entity_digests_share_nothing_with_rows_that_name_no_entity():
    nameless = EntityDigests.of(block([0, 1]))

    assert entities(1, 2).shared_with(nameless) == nameless.shared_with(entities(1, 2)) == 0
    assert (entities(1, 2) + nameless).digests.tolist() == [1, 2]
