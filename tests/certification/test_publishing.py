import json
import re
import sqlite3
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest

from reliability.certification.believing import FILE as BELIEVED
from reliability.certification.bodies import Changed
from reliability.certification.checkpoints import countersigned, read_checkpoint
from reliability.certification.events import digest
from reliability.certification.published_rows import read_rows
from reliability.certification.publishing import TYPE, publish, refuse_other_key
from reliability.errors import ChainError, RecordError, SignerError, UsageError
from reliability.register.checkpoints import keep_checkpoint, kept_checkpoint
from reliability.register.rows import verify_rows
from reliability.signing import dsse, key_files
from reliability.signing.time_stamps import Stamper
from reliability.signing.trust import read_trust
from reliability.words.text import words
from tests.certification.hub import PEOPLE, SECRET, make_hub, opened, write_roster, write_trust
from tests.certification.publishing_case import (
    certified,
    changed,
    conditional,
    copied,
    entered,
    files_of,
    later,
    met,
    named,
    open_until,
    published,
    publisher,
    text_of,
)
from tests.signing.stamping import ROOT, granting, listening

LANGS = ("ko", "en")
BELOW = {"ko": "", "en": "en/"}
STATUSES = ("active", "suspended", "withdrawn", "cancelled", "expired")
REASONS = {
    "suspended": "모델을 바꾸고 알리지 않았습니다.", "withdrawn": "거짓 자료를 냈습니다.",
    "cancelled": "서비스를 마쳤습니다.",
}  # fmt: skip
CHECKPOINT = "checkpoint.dsse.json"
LAST_ROW_GONE = "DELETE FROM events WHERE sequence = (SELECT max(sequence) FROM events)"


@pytest.fixture(scope="module")
def young(tmp_path_factory):
    """A hub with certificates in force, suspended, withdrawn and cancelled, and an older one."""
    hub = make_hub(tmp_path_factory.mktemp("hub") / "it")
    numbers = {"expired": certified(hub, named("마루은행"))}
    later(hub, 400)
    due = hub.now.date() + timedelta(days=90)
    numbers["active"] = certified(hub, conditional("(주)가나다"), conditions=open_until(due))
    for status, reason in REASONS.items():
        numbers[status] = certified(hub, named("온고을신용"))
        changed(hub, numbers[status], status, reason)
    hub.numbers = numbers
    return hub


@pytest.fixture(scope="module")
def hub(young, tmp_path_factory):
    """The same a year later, when the older certificate has expired, published."""
    hub = copied(young, tmp_path_factory.mktemp("later") / "it")
    hub.numbers = young.numbers
    later(hub, 350)
    published(hub, hub.folder / "site")
    return hub


@pytest.fixture(scope="module")
def site(hub):
    return hub.folder / "site"


@pytest.fixture
def mine(young, tmp_path):
    """The hub, to be changed."""
    copy = copied(young, tmp_path / "hub")
    copy.numbers = young.numbers
    return copy


def page_of(site, number, lang="ko"):
    return site / f"{BELOW[lang]}{number}" / "index.html"


def statement_in(site, number):
    return dsse.statement_in(dsse.read((site / "certificates" / f"{number}.json").read_bytes()))


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("status", STATUSES)
def test_a_page_says_the_status_first_with_the_day_of_publishing(hub, site, status, lang):
    text = text_of(page_of(site, hub.numbers[status], lang))
    said = words(lang)
    places = [text.index(one) for one in (said.text(f"site.status.{status}"), hub.now.date().isoformat(), "56" * 32,
                                          said.text("site.heading.history"), said.text("site.heading.left_out"),
                                          "reliability verify")]  # fmt: skip

    assert places == sorted(places)


@pytest.mark.parametrize("status", REASONS)
def test_what_took_a_certificate_out_of_force_is_told_with_its_reason_and_stays_in_the_history(hub, site, status):
    text = text_of(page_of(site, hub.numbers[status]))

    assert text.count(f"사유: {REASONS[status]}") == 2  # beside the status, and in the history
    assert text.index("발급") < text.rindex(REASONS[status])


def test_a_reason_in_another_language_than_the_pages_says_so(hub, site):
    page = page_of(site, hub.numbers["withdrawn"], "en").read_text(encoding="utf-8")

    assert f'<span lang="ko">{REASONS["withdrawn"]}</span>' in page
    assert f'lang="ko">{REASONS["withdrawn"]}' not in page_of(site, hub.numbers["withdrawn"]).read_text("utf-8")


def test_an_expired_certificate_is_active_in_its_file_and_expired_on_its_page(hub, site):
    number = hub.numbers["expired"]

    assert statement_in(site, number)["predicate"]["status"] == "active"
    assert "유효기간이" in text_of(page_of(site, number))


@pytest.mark.parametrize(
    ("days", "closed", "told"),
    [
        (0, False, "Open, due "), (89, False, "Open, due "), (91, False, "Overdue since "), (10, True, "Closed on "),
    ],
)  # fmt: skip
def test_conditions_stand_there_with_their_dates(mine, tmp_path, days, closed, told):
    number, site = mine.numbers["active"], tmp_path / "site"
    due = mine.now.date() + timedelta(days=90)
    later(mine, days)
    if closed:
        met(mine, number, "PER-01")
    published(mine, site)
    text = text_of(page_of(site, number, "en"))

    assert f"{told}{mine.now.date() if closed else due}" in text
    assert due.isoformat() in text
    assert statement_in(site, number)["predicate"]["conditions"] == (
        [] if closed else [{"item": "PER-01", "due": due.isoformat()}]
    )


@pytest.mark.parametrize("lang", LANGS)
def test_what_was_not_assessed_and_what_the_scheme_leaves_out_stand_together(hub, site, lang):
    text = text_of(page_of(site, hub.numbers["active"], lang))
    part = text[text.index(words(lang).text("site.heading.left_out")) : text.index("sha256sum")]

    assert hub.rules.text.exclusions[1].model_dump()[lang] in part
    assert words(lang).text("reason.no_training_data") in part


def test_nobody_is_named_who_has_not_agreed_to_it(site):
    names = [name.encode() for name, _, _ in PEOPLE.values()]
    told = {path: content for path, (content, _) in files_of(site).items()}

    assert [path for path, content in told.items() if any(name in content for name in names)] == []


def test_who_agreed_is_named_and_no_more_once_the_consent_is_taken_back(mine, tmp_path):
    number = mine.numbers["active"]
    write_roster(mine, lee=", published: true, position: 책임연구원")
    published(mine, tmp_path / "site")
    agreed = text_of(page_of(tmp_path / "site", number))
    write_roster(mine)
    published(mine, tmp_path / "site")

    assert "평가자 이도현 (책임연구원)" in agreed
    assert "검토자 1명(이름 비공개)" in agreed
    assert "이도현" not in text_of(page_of(tmp_path / "site", number))
    assert statement_in(tmp_path / "site", number)["predicate"]["shown"]["roles"][0]["name"] is None


def test_the_second_time_nothing_is_written_but_the_checkpoint(mine, tmp_path):
    published(mine, tmp_path / "site")
    before = files_of(tmp_path / "site")
    done = published(mine, tmp_path / "site")
    after = files_of(tmp_path / "site")

    assert done.written == (CHECKPOINT,)
    assert {name for name in after if after[name] != before[name]} == {CHECKPOINT}


def test_a_change_of_one_certificate_touches_its_own_files_and_the_lists(mine, tmp_path):
    number, site = mine.numbers["active"], tmp_path / "site"
    published(mine, site)
    before = files_of(site)
    changed(mine, number, "suspended", "자료를 기한 안에 내지 않았습니다.")
    published(mine, site)
    after = files_of(site)
    own = {f"{below}{name}" for below in BELOW.values()
           for name in (f"{number}/index.html", "numbers/2027-0001/index.html", "organisations/k01/index.html",
                        "index.html")}  # fmt: skip

    assert {name for name in after if after[name] != before[name]} == own | {
        CHECKPOINT, "rows.jsonl", "register.json", f"certificates/{number}.json"
    }  # fmt: skip
    assert after.keys() == before.keys()


def test_several_processes_publish_the_same(mine, tmp_path):
    now = mine.now
    alone, shared = tmp_path / "alone", tmp_path / "shared"
    published(mine, alone)
    (mine.register / BELIEVED).unlink()
    mine.now = now
    done = publish(mine.desk(), publisher(mine), shared, jobs=2)
    one, other = ({name: content for name, (content, _) in files_of(site).items()} for site in (alone, shared))
    signed = [name for name in one if name.startswith("certificates/")]

    assert done.believed == done.rows
    assert one.keys() == other.keys()
    assert {name for name in one if one[name] != other[name]} == {CHECKPOINT, *signed}
    assert [dsse.read(one[name]).payload for name in signed] == [dsse.read(other[name]).payload for name in signed]


def test_the_next_day_pages_tell_the_new_day_and_signed_files_stay(mine, tmp_path):
    site = tmp_path / "site"
    published(mine, site)
    before = files_of(site)
    later(mine, 1)
    published(mine, site)
    after = files_of(site)

    assert {name for name in after if after[name] == before[name]} == {
        name for name in after if name.startswith(("certificates/", "digests", "register.json", "rows"))
    }
    assert mine.now.date().isoformat() in text_of(page_of(site, mine.numbers["active"]))


def test_rows_lead_to_the_checkpoint_and_hold_no_envelope(hub, site):
    trust = read_trust(hub.trust.read_bytes())
    with (site / "rows.jsonl").open("rb") as lines:
        head = verify_rows(read_rows(lines))
    known = read_checkpoint((site / CHECKPOINT).read_bytes(), trust)
    about = json.loads((site / "register.json").read_bytes())

    assert known.head == head
    assert known.checkpoint.as_of.date() == hub.now.date()
    assert about == {"site": 1, "register": "0" * 31 + "1", "prefix": "JJ", "size": head.size, "head": head.hash}
    assert kept_checkpoint(hub.register) == (site / CHECKPOINT).read_bytes()


def test_the_file_of_a_certificate_is_signed_by_the_registers_key_and_says_what_its_page_says(hub, site):
    number = hub.numbers["suspended"]
    envelope = dsse.read((site / "certificates" / f"{number}.json").read_bytes())
    statement = dsse.statement_in(envelope)
    said = statement["predicate"]
    issued, suspended = said["history"]

    assert envelope.signed_by(read_trust(hub.trust.read_bytes()).register_keys[0].public_key())
    assert statement["predicateType"] == TYPE
    assert (said["number"], said["status"], said["editions"][0]["model"]) == (number, "suspended", "56" * 32)
    assert (issued["kind"], suspended["kind"], suspended["reason"]) == ("issued", "suspended", REASONS["suspended"])
    assert (issued["event"], issued["sequence"]) == tuple(said["editions"][0][name] for name in ("event", "sequence"))
    assert said["scheme"]["status_max_age_days"] == hub.rules.text.status_max_age_days
    assert {one["name"] for one in statement["subject"]} >= {f"certificate-{number}.ko.pdf", "statement.dsse.json"}


def test_every_paper_finds_its_certificate_by_its_digest(hub, site):
    digests = json.loads((site / "digests.json").read_bytes())
    statement = statement_in(site, hub.numbers["expired"])

    assert {digests[one["digest"]["sha256"]] for one in statement["subject"]} == {hub.numbers["expired"]}
    assert set(digests.values()) == set(hub.numbers.values())


def test_a_further_edition_keeps_the_papers_of_the_one_before(mine, tmp_path):
    number = mine.numbers["active"]
    desk = mine.desk()
    entered(mine, desk.history(number).case, before=number, reason="사후관리를 마쳤습니다.")
    published(mine, tmp_path / "site")
    statement = statement_in(tmp_path / "site", number)
    names = {one["name"] for one in statement["subject"]}
    text = text_of(page_of(tmp_path / "site", number))

    assert [one["revision"] for one in statement["predicate"]["editions"]] == [1, 2]
    assert {f"certificate-{number}.ko.pdf", f"r1-certificate-{number}.ko.pdf", "r1-statement.dsse.json"} <= names
    assert "갱신(개정 1) 사유: 사후관리를 마쳤습니다." in text


class Links(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.hrefs, self.tags, self.sources = [], set(), []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.add(tag)
        self.hrefs += [given["href"]] if "href" in given else []
        self.sources += [name for name in given if name in ("src", "srcset", "data", "style", "onclick", "action")]


def test_every_link_leads_to_a_file_of_the_site_and_nothing_is_loaded(site):
    for page in site.rglob("*.html"):
        content = page.read_text(encoding="utf-8")
        links = Links(content)
        dead = [href for href in links.hrefs if not (page.parent / href).resolve().is_file()]

        assert (page, dead, links.sources) == (page, [], [])
        assert not links.tags & {"script", "img", "iframe", "form", "object", "embed"}
        assert "url(" not in content
        assert "@import" not in content


def test_names_from_outside_are_shown_and_not_acted_on(tmp_path):
    hub = make_hub(tmp_path / "hub")
    number = certified(hub, named('<script>alert("1")</script>\u202egnp', "<b>모델</b>"))
    published(hub, tmp_path / "site")
    pages = [path.read_text(encoding="utf-8") for path in (tmp_path / "site").rglob("*.html")]

    assert not any("<script" in page or "<b>모델" in page or "\u202e" in page for page in pages)
    assert '<script>alert("1")</script>⟨U+202E⟩gnp' in text_of(page_of(tmp_path / "site", number)).replace(" ⟨", "⟨")


def test_a_trust_file_replaced_meanwhile_stops_the_publishing(mine, tmp_path):
    desk = mine.desk()
    write_trust(mine, archived=mine.now)

    with pytest.raises(UsageError) as refused:
        publish(desk, publisher(mine), tmp_path / "site")
    assert refused.value.code == "trust_replaced"


def test_every_event_is_believed_once(mine, tmp_path):
    first = published(mine, tmp_path / "site")
    changed(mine, mine.numbers["active"], "suspended", "자료를 기한 안에 내지 않았습니다.")
    second = published(mine, tmp_path / "site")
    elsewhere = published(mine, tmp_path / "other")

    assert (first.believed, second.believed, elsewhere.believed) == (first.rows, 1, 0)


@pytest.mark.parametrize("what", ["trust", "key", "torn", "software", "register"])
def test_what_was_remembered_by_another_trust_file_key_or_program_is_believed_again(mine, tmp_path, what):
    published(mine, tmp_path / "site")
    path = mine.register / BELIEVED
    envelope = dsse.read(path.read_bytes())
    said = dsse.statement_in(envelope)
    if what == "trust":
        write_trust(mine, archived=mine.now)
    if what == "key":
        path.write_bytes(dsse.sign(said, [mine.signer("jung").key]))
    if what == "torn":
        path.write_bytes(path.read_bytes()[:-20])
    if what in ("software", "register"):
        value = {"python": "0"} if what == "software" else "f" * 32
        said["predicate"][what] = value
        path.write_bytes(dsse.sign(said, [publisher(mine).key]))
    done = published(mine, tmp_path / "site")

    assert done.believed == done.rows


def edited(hub, statement):
    """Change the register's database behind the tool's back."""
    with sqlite3.connect(hub.register / "register.sqlite") as connection:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE events SET envelope = replace(envelope, 'a', 'b') WHERE sequence = 3", id="an envelope"),
        pytest.param("UPDATE events SET kind = 'accepted' WHERE sequence = 3", id="a kind"),
        pytest.param(LAST_ROW_GONE, id="the last row"),
    ],
)
def test_a_register_changed_after_it_was_believed_is_not_published(mine, tmp_path, statement):
    site = tmp_path / "site"
    published(mine, site)
    before = files_of(site)
    edited(mine, statement)

    with pytest.raises(ChainError):
        published(mine, site)
    assert files_of(site) == before


@pytest.mark.parametrize("left", ["believed", "site", "register"])
def test_a_register_put_back_to_an_earlier_state_is_not_published(mine, tmp_path, left):
    site = tmp_path / "site"
    changed(mine, mine.numbers["active"], "suspended", "자료를 기한 안에 내지 않았습니다.")
    published(mine, site)
    kept = {"believed": mine.register / BELIEVED, "register": mine.register / CHECKPOINT, "site": site / CHECKPOINT}
    for name, path in kept.items():
        if name != left:
            path.unlink()
    edited(mine, LAST_ROW_GONE)

    with pytest.raises(ChainError, match="some were removed"):
        published(mine, site)


def test_an_event_of_a_stranger_is_not_published(mine, tmp_path):
    site = tmp_path / "site"
    stranger = make_hub(tmp_path / "stranger")
    mine._signers["jung"] = stranger.signer("jung")
    desk = mine.desk()
    number = mine.numbers["active"]
    body = Changed(kind="suspended", number=number, reason="모르는 사람입니다.")
    desk.record(mine.signer("jung"), "registrar", body, desk.history(number), subjects={})

    with pytest.raises((SignerError, RecordError)):
        published(mine, site)
    assert list(site.iterdir()) == []


def test_another_key_than_the_registers_publishes_nothing(hub):
    with pytest.raises(SignerError, match="not for this kind of signature"):
        refuse_other_key(hub.desk(), hub.folder / "keys" / "seal")


def test_a_register_key_that_the_trust_file_does_not_name_is_refused(mine):
    write_trust(mine, register_keys=())

    with pytest.raises(UsageError) as refused:
        refuse_other_key(mine.desk(), mine.folder / "keys" / "register")
    assert refused.value.code == "register_key_other"


def test_the_checkpoint_is_stamped_where_there_is_a_service(mine, tmp_path):
    write_trust(mine, timestamp_roots=(ROOT,))
    with listening(granting()) as url:
        published(mine, tmp_path / "site", stamper=Stamper(url=url))
    known = read_checkpoint((tmp_path / "site" / CHECKPOINT).read_bytes(), read_trust(mine.trust.read_bytes()))

    assert known.proven is not None


@pytest.mark.parametrize(("days", "kept"), [(0, True), (1, False)])
def test_a_checkpoint_that_another_party_signed_goes_with_the_site_for_a_day(mine, tmp_path, days, kept):
    partner = mine.folder / "keys" / "kim"
    write_trust(mine, countersigners=(key_files.read_certificate(partner / "certificate.pem"),))
    published(mine, tmp_path / "first")
    key = key_files.read_key(partner / "key.pem", SECRET)
    seen = countersigned(kept_checkpoint(mine.register), key, mine.desk().trust, now=mine.now)
    keep_checkpoint(mine.register, seen)
    later(mine, days)
    published(mine, tmp_path / "site")

    assert ((tmp_path / "site" / CHECKPOINT).read_bytes() == seen) == kept
    assert (kept_checkpoint(mine.register) == seen) == kept


def test_a_checkpoint_of_another_party_is_not_enough_once_there_are_further_rows(mine, tmp_path):
    partner = mine.folder / "keys" / "kim"
    write_trust(mine, countersigners=(key_files.read_certificate(partner / "certificate.pem"),))
    published(mine, tmp_path / "site")
    key = key_files.read_key(partner / "key.pem", SECRET)
    keep_checkpoint(mine.register, countersigned(kept_checkpoint(mine.register), key, mine.desk().trust, now=mine.now))
    opened(mine, named("새싹신용"))
    done = published(mine, tmp_path / "site")

    known = read_checkpoint((tmp_path / "site" / CHECKPOINT).read_bytes(), read_trust(mine.trust.read_bytes()))
    assert (known.proven, known.checkpoint.size) == (None, done.rows)


def test_a_case_without_a_certificate_is_a_row_and_no_page(mine, tmp_path):
    case = opened(mine, named("새싹신용"))
    done = published(mine, tmp_path / "site")

    assert done.certificates == len(mine.numbers)
    assert case.encode() in (tmp_path / "site" / "rows.jsonl").read_bytes()
    assert not any("새싹신용".encode() in content for content, _ in files_of(tmp_path / "site").values())


@pytest.mark.parametrize("number", ["../../x", "JJ-C-2026-0001/..", "en", "JJ-2026-0001"])
def test_a_number_that_is_no_name_of_a_folder_is_refused(mine, tmp_path, number):
    entered(mine, mine.desk().history(mine.numbers["active"]).case, before=number, reason="다른 번호")

    with pytest.raises(RecordError) as refused:
        published(mine, tmp_path / "site")
    assert refused.value.code == "publish_number"
    assert [path.name for path in (tmp_path / "site").iterdir()] == []


def test_a_number_that_another_case_has_is_refused(mine, tmp_path):
    numbers = mine.numbers
    other = opened(mine, named("새싹신용"))
    desk = mine.desk()
    history, model = desk.history(other), desk.history(numbers["active"])
    for one in model.of("tested", "issued"):
        desk.record(mine.signer({"tested": "lee", "issued": "jung"}[one.kind]), one.event.actor.role, one.body, history,
                    subjects={})  # fmt: skip
        history = desk.history(other)

    with pytest.raises(RecordError) as refused:
        published(mine, tmp_path / "site")
    assert (refused.value.code, refused.value.values["number"]) == ("publish_number", numbers["active"])


def case_of_certificate(hub):
    desk = hub.desk()
    return desk, desk.history(hub.numbers["active"])


@pytest.mark.parametrize("content", [b"[]", b"{", b"\xff", b'{"public":1}'])
def test_a_public_record_that_is_none_stops_the_publishing(mine, tmp_path, content):
    desk, history = case_of_certificate(mine)
    body = history.issued.body.model_copy(update={"public": digest(content)})
    desk.record(mine.signer("jung"), "registrar", body, history, subjects={}, files={digest(content): content})

    with pytest.raises(RecordError) as refused:
        published(mine, tmp_path / "site")
    assert (refused.value.code, refused.value.values["case"]) == ("publish_unreadable", history.case)


def test_a_certificate_that_was_never_printed_stops_the_publishing(mine, tmp_path):
    desk, history = case_of_certificate(mine)
    papers = tuple(one for one in history.issued.body.papers if one.kind == "test")
    body = history.issued.body.model_copy(update={"papers": papers})
    desk.record(mine.signer("jung"), "registrar", body, history, subjects={})

    with pytest.raises(RecordError) as refused:
        published(mine, tmp_path / "site")
    assert refused.value.code == "publish_unprinted"


def test_days_are_told_as_they_stand_in_the_register(hub, site):
    days = re.findall(r"<time datetime=\"([0-9-]+)\">", page_of(site, hub.numbers["cancelled"]).read_text("utf-8"))

    assert [date.fromisoformat(day) for day in days] == sorted(date.fromisoformat(day) for day in days)
    assert len(days) == 2
