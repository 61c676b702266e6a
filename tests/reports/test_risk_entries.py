from reliability.reports.risk_entries import NOBODY, Entries, Entry


def test_an_item_about_which_nothing_was_written_has_nobody():
    entries = Entries(by_item={"A": Entry(owner="Kim")})

    assert entries.of("A").owner == "Kim"
    assert entries.of("B") is NOBODY
    assert Entries().of("A") is NOBODY
