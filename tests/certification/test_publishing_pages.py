"""Pages of the register as a browser shows them: on a phone, for everybody, with nothing but themselves."""

import base64
import json
import re
import subprocess
from datetime import date

import pytest

from benchmarks.accessibility import browser, examine, missing
from reliability.certification.published import Published
from reliability.certification.publishing_lists import entry, lists
from reliability.certification.publishing_pages import Place, certificate_page, spoken
from reliability.register.rows import EMPTY
from tests.certification.published_sample import certificate

LACKS = missing()
needs_a_browser = pytest.mark.skipif(bool(LACKS), reason=LACKS or "everything is there")
needs_chromium = pytest.mark.skipif(browser() is None, reason="no Chromium: apt-get install chromium")
DAY = date(2027, 3, 1)
PHONE = 360
_MEASURE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"></head><body>
<iframe style="border:0;width:WIDTHpx;height:800px" srcdoc="PAGE"></iframe><script>
addEventListener("load", () => {
  const shown = document.querySelector("iframe").contentDocument, wide = [];
  const width = shown.documentElement.clientWidth;
  for (const one of shown.querySelectorAll("body *")) {
    if (one.getBoundingClientRect().right > width + 0.5) wide.push(one.tagName + "." + one.className);
  }
  const told = document.createElement("pre");
  told.id = "told";
  told.textContent = btoa(JSON.stringify(shown.documentElement.scrollWidth > width ? ["scrolls", ...wide] : wide));
  document.body.append(told);
});
</script></body></html>"""


def page(lang="ko", **changes):
    return certificate_page(certificate(**changes), lang=lang, day=DAY, hub="전북 인공지능 신뢰성 허브").decode()


def list_pages(**changes):
    given = [entry(certificate(**changes), DAY)]
    made = lists(given, hub="전북 인공지능 신뢰성 허브", day=DAY, register="f" * 32, head=EMPTY)
    return {name: content.decode() for name, content in made}


def without_policy(page):
    """The page, so that a script of the test may look at it: its own policy lets none run."""
    return re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)


def too_wide(page, folder, width=PHONE):
    """What of a page does not fit into a window of a width."""
    inside = without_policy(page).replace("&", "&amp;").replace('"', "&quot;")
    file = folder / "frame.html"
    file.write_text(_MEASURE.replace("WIDTH", str(width)).replace("PAGE", inside, 1), encoding="utf-8")
    done = subprocess.run(
        [browser(), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'profile'}",
         "--virtual-time-budget=20000", "--window-size=1000,900", "--dump-dom", file.as_uri()],
        capture_output=True, timeout=120, check=True,
    )  # fmt: skip
    told = re.search(r'<pre id="told">([A-Za-z0-9+/=]+)</pre>', done.stdout.decode())
    return json.loads(base64.b64decode(told[1]))


@needs_chromium
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_on_a_phone_nothing_is_wider_than_the_screen(tmp_path, lang):
    long = "가나다라마바사아자차카타파하" * 12
    made = page(lang, organisation={"name": long, "registration": "402-81-00000"}, reason="w" * 300, status="suspended")

    assert too_wide(made, tmp_path) == []


@needs_chromium
def test_on_a_phone_no_list_is_wider_than_the_screen(tmp_path):
    made = list_pages(organisation={"name": "W" * 200}, status="suspended")

    assert too_wide(made["index.html"], tmp_path) == []
    assert too_wide(made["numbers/2026-0001/index.html"], tmp_path) == []


@needs_chromium
def test_what_is_wider_than_the_screen_is_found(tmp_path):
    made = page().replace("<main>", '<main><p class="broad" style="width: 500px">x</p>')

    assert too_wide(made, tmp_path) == ["scrolls", "P.broad"]


@needs_a_browser
@pytest.mark.parametrize(("lang", "status"), [("ko", "active"), ("en", "suspended"), ("ko", "withdrawn")])
def test_a_certificates_page_breaks_no_rule_of_accessibility(lang, status):
    found = examine(without_policy(page(lang, status=status, reason="사유", overdue=True)), document=status, lang=lang)

    assert (found.violations, found.incomplete) == ((), ())
    assert found.passed > 15


@needs_a_browser
@pytest.mark.parametrize("name", ["index.html", "en/organisations/k08/index.html"])
def test_a_list_breaks_no_rule_of_accessibility(name):
    found = examine(without_policy(list_pages(status="cancelled")[name]), document=name)

    assert (found.violations, found.incomplete) == ((), ())


@pytest.mark.parametrize("status", ["active", "suspended", "withdrawn", "cancelled"])
def test_a_status_is_told_by_shape_and_word_and_not_by_colour_alone(status):
    made = page("en", status=status)
    heading = made[made.index("<h1>") : made.index("</h1>")]

    assert re.search(r"<svg.*?<title>(.+?)</title>.*?</svg> \1 ", heading, re.DOTALL)


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2028, 11, 1), "In force on 2028-11-01, and valid until 2028-11-01."),
        (date(2028, 11, 2), "Not in force on 2028-11-02: expired after 2028-11-01."),
    ],
)
def test_the_last_day_is_a_day_in_force(day, told):
    made = certificate_page(certificate(), lang="en", day=day, hub="Hub").decode()

    assert told in made


def test_what_was_withdrawn_does_not_expire_besides():
    made = certificate_page(certificate(status="withdrawn"), lang="en", day=date(2030, 1, 1), hub="Hub").decode()

    assert "withdrawn on 2026-12-01" in made
    assert "expired" not in made


def test_a_reason_that_no_longer_holds_stands_in_the_history_alone():
    restored = certificate(status="suspended", reason="다른 사유", then=("restored",))
    made = certificate_page(restored, lang="ko", day=DAY, hub="허브").decode()

    assert made.count("다른 사유") == 1
    assert made.index("<h2>이력") < made.index("다른 사유")
    assert "효력회복" in made


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"kind": "surveilled", "within_scope": True}, "Surveillance: the certified model"),
        ({"kind": "surveilled", "within_scope": False}, "Surveillance: another model than the certified one"),
        ({"kind": "condition_met", "item": "PER-01"}, "Condition closed (PER-01)"),
    ],
)
def test_every_event_has_its_words(event, told):
    one = certificate()
    more = one.history[0].model_copy(update={"event": "e" * 64, **event})
    made = certificate_page(one.model_copy(update={"history": (*one.history, more)}), lang="en", day=DAY, hub="Hub")

    assert told in made.decode()


def test_commands_name_the_paper_of_the_pages_language_and_the_address_of_the_register():
    assert "reliability verify certificate-JJ-C-2026-0001.en.pdf --trust trust.json --register " \
           "https://register.example.kr/c<" in page("en")  # fmt: skip
    assert "sha256sum certificate-JJ-C-2026-0001.ko.pdf<" in page("ko")


def test_a_paper_in_one_language_only_is_named_on_both_pages():
    one = certificate()
    edition = one.latest.model_copy(update={"papers": one.latest.papers[:1]})
    only = Published.model_validate({**one.model_dump(), "editions": (edition,)})

    assert "sha256sum certificate-JJ-C-2026-0001.ko.pdf<" in certificate_page(
        only, lang="en", day=DAY, hub="Hub"
    ).decode()  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "path", "root", "other"),
    [
        ("ko", "", "", "en/index.html"), ("en", "", "../", "../index.html"),
        ("ko", "N/", "../", "../en/N/index.html"), ("en", "N/", "../../", "../../N/index.html"),
        ("ko", "numbers/a/", "../../", "../../en/numbers/a/index.html"),
    ],
)  # fmt: skip
def test_links_hold_wherever_the_site_is_put(lang, path, root, other):
    at = Place(lang=lang, path=path)

    assert (at.root, at.other, at.name) == (root, other, f"{'en/' if lang == 'en' else ''}{path}index.html")


@pytest.mark.parametrize(
    ("text", "lang", "told"),
    [
        ("모델", "en", ' lang="ko"'), ("Credit model", "ko", ' lang="en"'), ("모델 v2", "ko", ""),
        ("Model", "en", ""), ("2.3.1", "ko", ""), ("V2", "ko", ""),
    ],
)  # fmt: skip
def test_a_text_in_another_language_is_marked(text, lang, told):
    assert spoken(text, lang=lang) == told
