from reliability.reports.switched import MOST_GROUPS, switched
from reliability.reports.withheld import Withheld
from reliability.words.text import words
from tests.reports.advised import HELPS, PASSES, decisions, ratio

NOTHING = Withheld.of(())


def table(*confirmed, withheld=NOTHING):
    return switched(confirmed, withheld, words("en"))


def test_a_column_a_remedy_and_a_row_a_group_with_both_directions():
    told = table(PASSES, HELPS)

    assert told.heads == ("1 (R2)", "2 (R3)")
    assert told.rows[0].cells == ("+44 −30", "+16 −12")
    assert [row.name for row in told.rows][:2] == ["All rows that confirm", "남"]
    assert told.rows[1].cells == ("+2 −30", "+5 −9")


def test_a_group_under_five_has_no_figure_and_neither_has_the_next_smallest():
    """With one group hidden, the total would tell it."""
    rows = {row.name: row for row in table(PASSES).rows}

    assert rows["미상"].n == rows["여"].n == "–"
    assert rows["미상"].cells == ("–",)
    assert rows["여"].why
    assert rows["남"].n == "362"


def test_a_group_that_the_assessment_hides_is_hidden_here_too():
    groups = [{"slice": {"sex": level}, "value": 0.5, "n": n} for level, n in (("남", 3), ("여", 4), ("미상", 900))]
    hidden = Withheld.of([ratio((0.6, 0.5, 0.7)).model_copy(update={"details": {"groups": groups}})])
    rows = {row.name: row.n for row in table(PASSES, withheld=hidden).rows}

    assert rows["남"] == rows["여"] == rows["미상"] == "–"


def test_decisions_handed_to_people_are_counted_beside():
    handed = PASSES.model_copy(update={"decisions": decisions((0, 0, 12), (0, 0, 20), (0, 0, 1))})

    assert table(handed).rows[0].cells == ("+0 −0 (33 to people)",)


def test_there_is_no_table_where_nothing_changes():
    still = decisions((0, 0, 0), (0, 0, 0), (0, 0, 0))

    assert table(PASSES.model_copy(update={"decisions": still})) is None
    assert table(PASSES.model_copy(update={"decisions": None})) is None
    assert table() is None


def test_groups_past_the_page_are_counted():
    told = PASSES.decisions
    many = tuple(
        told.groups[0].model_copy(update={"slice": {"sex": f"g{place:02}"}}) for place in range(MOST_GROUPS + 3)
    )
    drawn = table(PASSES.model_copy(update={"decisions": told.model_copy(update={"groups": many})}))

    assert len(drawn.rows) == MOST_GROUPS + 1
    assert drawn.more == "3 groups are left out of this table."
