from datetime import date
from pathlib import PurePosixPath

import pytest

from reliability.certification.publishing_lists import AT_ONCE, Entry, by_number, by_organisation, lists
from reliability.register.rows import EMPTY


def entry(number, organisation="온고을신용", status="active"):
    return Entry(number=number, organisation=organisation, system="모델 1", status=status, expires="2028-11-01")


def numbered(*counters, year=2026):
    return [entry(f"JJ-C-{year}-{counter:04d}") for counter in counters]


def test_numbers_stand_in_order_on_pages_that_keep_their_range():
    groups = by_number(numbered(AT_ONCE + 1, 2, AT_ONCE, 1, 10_000))

    assert [(one.key, [entry.place for entry in one.entries]) for one in groups] == [
        ("2026-9801", [10_000]), ("2026-0201", [201]), ("2026-0001", [1, 2, 200]),
    ]  # fmt: skip


def test_years_do_not_share_a_page():
    groups = by_number([*numbered(1), *numbered(1, year=2027)])

    assert [one.title for one in groups] == ["2027-0001 – 2027-0200", "2026-0001 – 2026-0200"]


@pytest.mark.parametrize(
    ("organisation", "key", "title"),
    [
        ("온고을신용", "k08", "ㅇ"), ("(주)가나다", "k01", "ㄱ"), ("㈜ 까치", "k01", "ㄱ"),
        ("주식회사 하늘", "k14", "ㅎ"),
        ("농업회사법인 푸른들", "k13", "ㅍ"), ("힣", "k14", "ㅎ"), ("Acme", "a", "A"), ("The Acme", "a", "A"),
        ("ZEBRA", "z", "Z"), ("1번지은행", "other", "그 밖"), ("가", "k01", "ㄱ"), ("(주)", "other", "그 밖"),
        ("日本", "other", "그 밖"), ("주식회사", "k09", "ㅈ"),
    ],
)  # fmt: skip
def test_an_organisation_stands_under_the_first_letter_of_its_name(organisation, key, title):
    (group,) = by_organisation([entry("JJ-C-2026-0001", organisation)], "ko")

    assert (group.key, group.title) == (key, title)


def test_letters_stand_in_korean_order_then_latin_then_the_rest():
    names = ["Zebra", "9번", "하나", "가나", "Acme", "다라"]
    groups = by_organisation([entry(f"JJ-C-2026-{n:04d}", name) for n, name in enumerate(names, start=1)], "en")

    assert [one.title for one in groups] == ["ㄱ", "ㄷ", "ㅎ", "A", "Z", "Others"]


def test_a_letter_with_many_goes_on_on_a_further_page():
    groups = by_organisation(numbered(*range(1, AT_ONCE + 2)), "ko")

    assert [(one.key, one.title, one.n) for one in groups] == [("k08", "ㅇ", AT_ONCE), ("k08-2", "ㅇ 2", 1)]


def test_every_certificate_is_found_both_ways_in_both_languages():
    given = [*numbered(*range(1, AT_ONCE + 3)), entry("JJ-C-2027-0001", "Acme", "suspended")]
    pages = dict(lists(given, hub="허브", day=date(2027, 1, 5), register="f" * 32, head=EMPTY))

    for below in ("", "en/"):
        for kind in ("numbers", "organisations"):
            found = b"".join(page for name, page in pages.items() if name.startswith(f"{below}{kind}/"))
            assert [found.count(f"../../{one.number}/index.html".encode()) for one in given] == [1] * len(given)
    assert {str(PurePosixPath(name).parents[-2]) for name in pages if "/" in name} == {"numbers", "organisations", "en"}


def test_the_first_page_counts_by_status_on_the_day_and_leads_to_every_list():
    given = [*numbered(1, 2), entry("JJ-C-2026-0003", status="withdrawn")]
    pages = dict(lists(given, hub="허브", day=date(2027, 1, 5), register="f" * 32, head=EMPTY))
    first = pages["en/index.html"].decode()
    rows = [row.split("</td>")[0].rpartition("<td>")[2] for row in first.split("<tr>")[1:]]

    assert "3 certificates are registered on 2027-01-05" in first
    assert rows == ["2", "0", "1", "0", "0"]
    assert all(f'href="{name.removeprefix("en/")}"' in first for name in pages
               if name.startswith(("en/numbers", "en/organisations")))  # fmt: skip


def test_pages_before_and_after_lead_to_each_other():
    pages = dict(lists(numbered(1, 201, 401), hub="허브", day=date(2027, 1, 5), register="f" * 32, head=EMPTY))
    between = pages["numbers/2026-0201/index.html"].decode()

    assert 'rel="prev" href="../2026-0401/index.html"' in between
    assert 'rel="next" href="../2026-0001/index.html"' in between
    assert "rel=" not in pages["index.html"].decode().replace('rel="alternate"', "")
