"""Runs axe-core on the HTML twin of every document, in both languages, and writes what it found.

    python -m benchmarks.accessibility [--case demo/case] [--write docs/validation/accessibility.md]

Chromium comes from the system's packages (apt-get install chromium), axe-core by npm into .peers/axe, where git never
looks. Exit status 1 where a rule is broken, 2 where a tool is missing.
"""

import argparse
import base64
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.pages import PEERS, ROOT, put, versions

AXE_VERSION = "4.14.1"
AXE = PEERS / "axe" / "node_modules" / "axe-core" / "axe.min.js"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# WCAG 2.2, levels A and AA: axe has a tag for what each version of it added.
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
WITHIN_S = 240
# The answer is handed over in letters that mean nothing in HTML: it quotes the page.
_ASK = """
<script>AXE</script>
<script>
axe.run(document, {runOnly: {type: "tag", values: TAGS}, resultTypes: ["violations", "incomplete"]}).then(
  (found) => ({found}), (error) => ({error: String(error)})
).then((answer) => {
  const bytes = new TextEncoder().encode(JSON.stringify(answer));
  const told = document.createElement("pre");
  told.id = "axe-answer";
  told.textContent = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  document.body.append(told);
});
</script>
"""
_ANSWER = re.compile(r'<pre id="axe-answer">([A-Za-z0-9+/=]+)</pre>')


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A rule that a page breaks, or that only a person can settle, and where."""

    rule: str
    impact: str
    help: str
    places: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What axe found on one page."""

    document: str
    lang: str
    passed: int
    violations: tuple[Broken, ...]
    incomplete: tuple[Broken, ...]


def browser() -> str | None:
    """The browser's program, if one is installed."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def missing() -> str:
    """What the check lacks on this machine, and how to get it; empty where nothing."""
    if browser() is None:
        return "no Chromium: apt-get install -y --no-install-recommends chromium"
    if not AXE.is_file():
        return f"no axe-core: npm install --prefix .peers/axe --no-save --ignore-scripts axe-core@{AXE_VERSION}"
    return ""


def examine(page: str, *, document: str = "", lang: str = "") -> Result:
    """Run axe on one page that needs nothing from outside itself."""
    script = _ASK.replace("TAGS", json.dumps(TAGS)).replace("AXE", AXE.read_text(encoding="utf-8"), 1)
    start, end, rest = page.rpartition("</body>")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(start + script + end + rest, encoding="utf-8")
        dumped = _rendered(file, Path(folder) / "profile")
    told = _ANSWER.search(dumped)
    answer = json.loads(base64.b64decode(told[1])) if told else {"error": "no answer within the time given"}
    if "error" in answer:
        raise SystemExit(f"{document} {lang}: axe-core: {answer['error']}")
    found = answer["found"]
    return Result(
        document=document,
        lang=lang,
        passed=len(found["passes"]),
        violations=tuple(_broken(found["violations"])),
        incomplete=tuple(_broken(found["incomplete"])),
    )


def _rendered(file: Path, profile: Path) -> str:
    """The page as the browser holds it once its scripts have run; the network is off."""
    program = browser()
    if program is None:
        raise SystemExit(missing())
    options = [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions",
        "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={profile}", "--window-size=1280,1600",
        f"--virtual-time-budget={WITHIN_S * 1000}", "--dump-dom",
    ]  # fmt: skip
    done = subprocess.run([program, *options, file.as_uri()], capture_output=True, timeout=WITHIN_S, check=True)
    return done.stdout.decode("utf-8")


def _broken(rules: Iterable[dict[str, Any]]) -> Iterable[Broken]:
    for rule in rules:
        places = tuple(" ".join(map(str, node["target"])) for node in rule["nodes"])
        yield Broken(rule=rule["id"], impact=rule["impact"] or "", help=rule["help"], places=places)


def page(results: Sequence[Result], tools: str) -> str:
    """The results as Markdown, with date and versions."""
    n = sum(len(result.violations) for result in results)
    lines = [
        "# Accessibility: axe-core on the HTML of every document",
        "",
        f"Written by `benchmarks/accessibility.py` on {date.today()}: {tools}.",
        "",
        "The HTML twin of each document is opened in Chromium without a screen and without a network, and examined by "
        f"axe-core for the rules of WCAG 2.2, levels A and AA ({', '.join(f'`{tag}`' for tag in TAGS)}). Consulting "
        "report, summary and test report are those of the demo's case; screening report, comparison, certificate, the "
        "consulting report with advice and the published register are made from the records that the tests use. "
        "axe-core finds only a part of what WCAG asks for: what it leaves to a person (“to look at”) is listed, and no "
        "page is accessible merely because no rule is broken.",
        "",
        f"**{n} rules broken on {len(results)} pages.**",
        "",
        "| document | language | rules passed | rules broken | to look at |",
        "|---|---|---:|---:|---|",
    ]
    for result in results:
        open_ = ", ".join(f"{one.rule} ({len(one.places)})" for one in result.incomplete) or "–"
        lines.append(f"| {result.document} | {result.lang} | {result.passed} | {len(result.violations)} | {open_} |")
    return "\n".join([*lines, *_told(results)]) + "\n"


def _told(results: Iterable[Result]) -> Iterable[str]:
    """Every broken rule with the first places where it is broken."""
    broken = [(result, one) for result in results for one in result.violations]
    if broken:
        yield from ("", "## Broken", "")
    for result, one in broken:
        places = ", ".join(f"`{place}`" for place in one.places[:3])
        where = f"{result.document} ({result.lang})"
        yield f"- {where}: **{one.rule}** ({one.impact}), {len(one.places)} ×: {one.help}. {places}"


def _tools() -> str:
    program = browser() or ""
    shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    chromium = re.search(r"[0-9.]+", shown)
    axe = json.loads(AXE.with_name("package.json").read_text(encoding="utf-8"))["version"]
    return f"{versions('reliability-workbench')}, axe-core {axe}, Chromium {chromium[0] if chromium else '?'}"


def install_axe() -> None:
    """Fetch axe-core by its name and version, where npm is there and axe-core is not."""
    npm = shutil.which("npm")
    if npm and not AXE.is_file():
        folder = AXE.parents[2]
        folder.mkdir(parents=True, exist_ok=True)
        asked = ["install", "--prefix", str(folder), "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run([npm, *asked, f"axe-core@{AXE_VERSION}"], check=True, stdout=sys.stderr)


def main() -> None:
    """Examine every page; say what was found; write it."""
    from benchmarks.accessibility_pages import pages

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--case", type=Path, default=ROOT / "demo" / "case")
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    install_axe()
    lacking = missing() or ("" if asked.case.is_dir() else f"{asked.case}: no case; run script/demo first")
    if lacking:
        print(lacking, file=sys.stderr)
        raise SystemExit(2)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for document, lang, content in pages(asked.case, Path(folder)):
            results.append(examine(content, document=document, lang=lang))
            print(f"{document} {lang}: {len(results[-1].violations)} broken", file=sys.stderr)
    text = page(results, _tools())
    put(text, asked.write)
    raise SystemExit(1 if any(result.violations for result in results) else 0)


if __name__ == "__main__":
    main()
