"""Mutates the checks, the intervals and the judge, and writes which mutants no test notices, with the reason.

    python -m benchmarks.mutation [--area AREA...] [--work FOLDER] [--write docs/validation/mutation.md]

mutmut (in an environment of its own, .peers/mutation) works on a copy of the project, one area after another, each
with its own tests. Every area is a section of the page with its own date: what was not run this time stays as it is.
`explained_mutants.toml` holds the reason for every mutant that is left alive on purpose, known by
its module, its function and the line it changes. With --work, a run that was stopped goes on where it was.
"""

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.pages import ROOT, environment, locked

EXPLAINED = Path(__file__).with_name("explained_mutants.toml")
CHECKS, INTERVALS = "reliability/checks", "reliability/intervals"
# What is mutated, and the tests that have to notice.
AREAS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "fairness": (
        (f"{CHECKS}/fairness/*", f"{CHECKS}/comparing.py", f"{CHECKS}/four_fifths.py", f"{CHECKS}/sampled.py"),
        (
            "tests/checks/fairness",
            "tests/checks/test_comparing.py",
            "tests/checks/test_four_fifths.py",
            "tests/checks/test_sampled.py",
        ),
    ),
    "performance": ((f"{CHECKS}/performance/*",), ("tests/checks/performance",)),
    "calibration": (
        (f"{CHECKS}/calibration/*", f"{CHECKS}/requirements.py"),
        ("tests/checks/calibration", "tests/checks/test_requirements.py"),
    ),
    "data": (
        (f"{CHECKS}/data_quality/*", f"{CHECKS}/drift/*", f"{CHECKS}/leakage.py"),
        (
            "tests/checks/data_quality",
            "tests/checks/drift",
            "tests/checks/test_leakage.py",
            "tests/checks/test_leakage_identifiers.py",
            "tests/checks/test_leakage_intervals.py",
            "tests/checks/test_leakage_near.py",
            "tests/checks/test_leakage_times.py",
        ),
    ),
    "robustness": (
        (f"{CHECKS}/robustness/*", f"{CHECKS}/explanation/*", f"{CHECKS}/asking.py", f"{CHECKS}/influences.py"),
        (
            "tests/checks/robustness",
            "tests/checks/explanation",
            "tests/checks/test_asking.py",
            "tests/checks/test_influences.py",
        ),
    ),
    "privacy": ((f"{CHECKS}/privacy/*",), ("tests/checks/privacy",)),
    "intervals": ((f"{INTERVALS}/*",), ("tests/intervals",)),
    "judge": (
        ("reliability/checklist/judge.py",),
        ("tests/checklist/test_judge.py", "tests/checklist/test_worse_never_helps.py"),
    ),
}
COPIED = ("reliability", "tests", "checklists", "reports", "pyproject.toml", "hatch_build.py", "README.md")
CONFIGURATION = """
[tool.mutmut]
source_paths = ["reliability"]
only_mutate = {mutated}
pytest_add_cli_args_test_selection = {tests}
also_copy = ["checklists", "reports", "tests"]
"""
RESULT = re.compile(r"^\s+(reliability\.\S+): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Mutant:
    """A mutant that no test noticed: the function, and the line that was changed."""

    name: str
    module: str
    function: str
    removed: str
    added: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What it is known by, however mutmut numbers it."""
        return self.module, self.function, self.removed, self.added


def mutmut() -> Path:
    """Mutmut in its own environment."""
    return environment("mutation", "mutation").with_name("mutmut")


def prepare(folder: Path, area: str) -> None:
    """A copy of the project, told what to mutate; ../shared stands beside it as it does here."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            leave = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / name, dirs_exist_ok=True, ignore=leave)
        else:
            shutil.copy2(source, folder / name)
    beside = folder.parent / "shared"
    if not beside.exists():
        beside.symlink_to(ROOT.parent / "shared")
    settings = folder / "pyproject.toml"
    quiet = settings.read_text(encoding="utf-8").replace('filterwarnings = ["error"]', "filterwarnings = []")
    settings.write_text(
        quiet + CONFIGURATION.format(mutated=list(AREAS[area][0]), tests=list(AREAS[area][1])), encoding="utf-8"
    )


def run(folder: Path) -> list[tuple[str, str]]:
    """Every mutant with its fate; those alive after an earlier run are tried again."""
    _mutmut(folder, "run", "--max-children", "2")
    alive = [name for name, fate in results(folder) if fate == "survived"]
    if alive:
        _mutmut(folder, "run", "--max-children", "2", *alive)
    return results(folder)


def results(folder: Path) -> list[tuple[str, str]]:
    """Name and fate of every mutant so far."""
    return RESULT.findall(_mutmut(folder, "results", "--all", "true"))


def _mutmut(folder: Path, *arguments: str) -> str:
    program = mutmut()
    environment = {**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}", "CI": "1"}
    ran = subprocess.run(
        [str(program), *arguments], cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    if ran.returncode and arguments[0] != "run":
        raise SystemExit(f"mutmut {arguments[0]}: {ran.stderr[-2000:]}")
    (folder / f"{arguments[0]}.log").write_text(ran.stdout[-20_000:] + ran.stderr[-20_000:], encoding="utf-8")
    return ran.stdout


def mutant(folder: Path, name: str) -> Mutant:
    """What a mutant changed, from mutmut's own diff."""
    lines = _mutmut(folder, "show", name).splitlines()
    removed = [line[1:].strip() for line in lines if line.startswith("-") and not line.startswith("---")]
    added = [line[1:].strip() for line in lines if line.startswith("+") and not line.startswith("+++")]
    module, _, rest = name.rpartition(".")
    function = rest.rpartition("__mutmut_")[0].removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
    return Mutant(name, module.removeprefix("reliability."), function, " ".join(removed), " ".join(added))


def explained() -> dict[tuple[str, str, str, str], str]:
    """Reasons by module, function and change."""
    if not EXPLAINED.exists():
        return {}
    found = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))["mutant"]
    return {(one["module"], one["function"], one["removed"], one["added"]): one["reason"] for one in found}


ALIVE = ("survived", "no tests")
NOTICED = ("killed", "timeout", "suspicious", "segfault")


HEAD = """# Mutation testing of the checks, the intervals and the judge

The code is changed in one place, and the tests of its area are run: if none fails, nobody would have noticed that
mistake. Written by `benchmarks/mutation.py` (`script/validate mutation`), every section by a run of its own; nothing is
claimed of an area that was not run.
"""
NOT_RUN = "Not run yet."


def section(area: str, found: list[tuple[str, str]], alive: list[Mutant]) -> str:
    """What became of the mutants of one area, as Markdown."""
    reasons = explained()
    left = [one for one in alive if one.key not in reasons]
    lines = [
        f"On {date.today()}: Python {platform.python_version()}, mutmut {locked('mutmut', 'mutation')}; tests: "
        f"{', '.join(f'`{name}`' for name in AREAS[area][1])}.",
        "",
        f"**{len(found)} mutants, {sum(fate in NOTICED for _, fate in found)} noticed by a test, {len(alive)} not.** "
        f"Of those, {len(alive) - len(left)} are explained below and {len(left)} are not.",
        "",
        "| module | mutants | noticed | alive | not tried |",
        "|---|---:|---:|---:|---:|",
        *_by_module(found),
        "",
    ]
    for one in sorted(alive, key=lambda one: one.key):
        reason = reasons.get(one.key, "**not explained**")
        lines.append(f"- {one.module} `{one.function}`: `{one.removed}` → `{one.added}`: {reason}")
    return "\n".join(lines if alive else lines[:-1])


def page(before: str, sections: dict[str, str]) -> str:
    """The page with these sections written anew, and the others as they were."""
    parts = re.split(r"^## (\w+)\n", before, flags=re.MULTILINE)
    known = dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True)) | sections
    told = [f"## {area}\n\n{known.get(area, NOT_RUN)}\n" for area in AREAS]
    return "\n".join([HEAD, *told])


def _by_module(found: list[tuple[str, str]]) -> list[str]:
    fates: dict[str, list[str]] = {}
    for name, fate in found:
        fates.setdefault(name.rpartition(".")[0].removeprefix("reliability."), []).append(fate)
    return [
        f"| {module} | {len(all_)} | {sum(fate in NOTICED for fate in all_)} | "
        f"{sum(fate in ALIVE for fate in all_)} | {sum(fate == 'not checked' for fate in all_)} |"
        for module, all_ in sorted(fates.items())
    ]


def main() -> None:
    """Copy, mutate, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--area", nargs="+", choices=AREAS, default=list(AREAS))
    parser.add_argument("--work", type=Path)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    sections, untried = {}, False
    with tempfile.TemporaryDirectory() as made:
        for area in asked.area:
            folder = (asked.work or Path(made)) / area / "project"
            prepare(folder, area)
            found = run(folder)
            untried |= any(fate == "not checked" for _, fate in found)
            sections[area] = section(area, found, [mutant(folder, name) for name, fate in found if fate in ALIVE])
            if asked.write:
                before = asked.write.read_text(encoding="utf-8") if asked.write.exists() else ""
                asked.write.write_text(page(before, sections), encoding="utf-8")
    text = page("", sections)
    print(text)
    sys.exit(untried or "**not explained**" in text)


if __name__ == "__main__":
    main()
