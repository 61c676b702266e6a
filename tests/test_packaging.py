"""The locks, the scripts, and the wheel in an environment that has never seen the checkout."""

import os
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
SCRIPTS = [ROOT / "script" / name for name in ("bootstrap", "demo", "test")]
REQUIREMENT = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^ ;\\]+)", re.MULTILINE)


def pins(lock):
    return {found["name"]: found["version"] for found in REQUIREMENT.finditer(lock.read_text(encoding="utf-8"))}


# --- Locks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_lock_gives_every_library_a_version_and_a_hash(lock):
    entries = re.split(r"^(?=[a-z0-9])", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]

    assert len(entries) > 40
    assert [entry for entry in entries if not REQUIREMENT.match(entry) or "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_lock_names_no_host_and_no_machine(lock):
    assert re.findall(r"://|--index-url|--find-links|@ file|/(?:opt|home|root|work|tmp)/", lock.read_text()) == []


def test_lock_of_running_is_part_of_the_lock_of_testing():
    running, testing = pins(ROOT / "requirements" / "runtime.txt"), pins(ROOT / "requirements" / "dev.txt")

    assert running.items() <= testing.items()


@pytest.mark.parametrize(
    ("name", "series"),
    [("scikit-learn", "1.9"), ("fairlearn", "0.15"), ("pandas", "3.1"), ("numpy", "2.4"), ("weasyprint", "70.0")],
)
def test_lock_keeps_the_series_that_figures_depend_on(name, series):
    version = pins(ROOT / "requirements" / "runtime.txt")[name]

    assert f"{version}.".startswith(f"{series}.")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_lock_holds_what_the_project_asks_for_and_what_builds_it(lock):
    asked = PROJECT["project"]["dependencies"] + PROJECT["build-system"]["requires"]
    names = {re.match(r"[A-Za-z0-9._-]+", one).group().lower().replace(".", "-") for one in asked}

    assert names | {"editables"} <= set(pins(lock))


# --- Scripts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_script_is_posix_shell_that_anyone_may_run(script):
    parsed = subprocess.run(["/bin/sh", "-n", script], capture_output=True, text=True)

    assert script.read_text().startswith("#!/bin/sh\n")
    assert script.stat().st_mode & stat.S_IXOTH
    assert (parsed.returncode, parsed.stderr) == (0, "")


@pytest.fixture
def bare_checkout(tmp_path):
    """What bootstrap reads, and a folder of programs to find: nothing of this machine but what is put there."""
    for name in ("script", "requirements", "pyproject.toml", "hatch_build.py"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, tmp_path / name)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sh", "dirname", "cat", "cksum", "env", "find", "mktemp", "rm"):
        (programs / name).symlink_to(shutil.which(name))
    return tmp_path


def give(checkout, name, script):
    program = checkout / "programs" / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def bootstrap(checkout, *arguments):
    return subprocess.run(
        [checkout / "script" / "bootstrap", *arguments],
        env={"PATH": str(checkout / "programs"), "HOME": str(checkout)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_bootstrap_prints_the_line_to_type_when_python_is_too_old(bare_checkout):
    give(bare_checkout, "python3", "exit 1")
    give(bare_checkout, "apt-get", "exit 1")

    done = bootstrap(bare_checkout)

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("sudo apt-get install -y python3.11 python3.11-venv")


def test_bootstrap_prints_the_line_to_type_when_it_may_not_install(bare_checkout):
    (bare_checkout / "programs" / "python3").symlink_to(sys.executable)
    give(bare_checkout, "apt-get", "echo called >&2; exit 1")
    give(bare_checkout, "dpkg-query", "exit 1")
    give(bare_checkout, "id", "echo 1000")

    done = bootstrap(bare_checkout)

    assert done.returncode == 2
    assert "called" not in done.stderr
    assert re.search(r"^sudo apt-get install -y .*libpango-1\.0-0 .*bubblewrap", done.stderr.splitlines()[-1])
    assert not (bare_checkout / ".venv").exists()


def test_bootstrap_installs_only_what_is_missing(bare_checkout):
    (bare_checkout / "programs" / "python3").symlink_to(sys.executable)
    give(bare_checkout, "apt-get", 'echo "apt-get $*" >&2; exit 1')
    give(bare_checkout, "dpkg-query", 'case $* in *bubblewrap*) exit 1 ;; *) echo "install ok installed" ;; esac')
    give(bare_checkout, "id", "echo 0")

    done = bootstrap(bare_checkout)

    assert done.returncode == 2
    assert re.search(r"install -y --no-install-recommends bubblewrap$", done.stderr, re.MULTILINE)
    assert " update" in done.stderr
    assert "libpango" not in done.stderr


@pytest.mark.parametrize(("known", "asked"), [("libpango-1.0-0", False), ("libpango-1.0-0 libharfbuzz-subset0", True)])
def test_bootstrap_asks_for_the_subsetting_package_only_when_the_release_has_it(bare_checkout, known, asked):
    (bare_checkout / "programs" / "python3").symlink_to(sys.executable)
    give(bare_checkout, "apt-get", "exit 1")
    give(bare_checkout, "apt-cache", f'case " {known} " in *" $2 "*) exit 0 ;; *) exit 1 ;; esac')
    give(bare_checkout, "dpkg-query", "exit 1")
    give(bare_checkout, "id", "echo 1000")

    done = bootstrap(bare_checkout)

    assert ("libharfbuzz-subset0" in done.stderr) is asked


def test_bootstrap_names_the_libraries_when_there_is_no_apt(bare_checkout):
    give(bare_checkout, "python3", "case $* in *version_info*) exit 0 ;; *) exit 1 ;; esac")
    give(bare_checkout, "dnf", "exit 1")

    done = bootstrap(bare_checkout)

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("sudo dnf install -y pango ")


def test_bootstrap_refuses_a_lock_that_is_not_there(bare_checkout):
    done = bootstrap(bare_checkout, "production")

    assert done.returncode == 2
    assert "there are: runtime, dev" in done.stderr


# --- The wheel -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def clean(tmp_path_factory, wheel):
    """An environment with the wheel and the libraries of this one, and without the checkout."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=True, symlinks=True)
    python = folder / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", wheel]
    subprocess.run(install, env=surroundings(folder), check=True, capture_output=True, timeout=120)
    (site,) = folder.glob("lib/python*/site-packages")
    # A path file read from here is followed once: this environment's own link to the checkout is not.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def surroundings(folder):
    return {"PATH": f"{folder / 'bin'}:{os.defpath}", "HOME": str(folder), "LANG": "C.UTF-8"}


def run_in(clean, cwd, *command, timeout=60):
    return subprocess.run(command, cwd=cwd, env=surroundings(clean), capture_output=True, text=True, timeout=timeout)


def test_wheel_carries_every_checklist_and_template_and_the_compiled_words(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    resources = [path for name in ("checklists", "reports/templates") for path in (ROOT / name).rglob("*")]

    wanted = {f"reliability/_resources/{path.relative_to(ROOT).as_posix()}" for path in resources if path.is_file()}

    assert wanted <= held
    assert {"reliability/words/ko.mo", "reliability/words/en.mo"} <= held
    assert [name for name in held if name.endswith(".po") or name.startswith("tests/")] == []


def test_wheel_carries_every_file_of_the_package(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    files = (path for path in (ROOT / "reliability").rglob("*") if path.is_file())
    ours = {path.relative_to(ROOT).as_posix() for path in files if path.suffix not in {".po", ".pyc", ".part"}}

    assert ours <= held


def test_installed_wheel_says_its_version_from_another_folder(clean, tmp_path):
    done = run_in(clean, tmp_path, "reliability", "--version")

    assert (done.returncode, done.stdout) == (0, f"reliability {metadata.version('reliability-workbench')}\n")


@pytest.mark.parametrize("name", ["checklists", "templates", "schemas"])
def test_installed_wheel_finds_its_resources_inside_itself(clean, tmp_path, name):
    asking = f"from reliability import resources; print(resources.{name}()); print(*resources.{name}().iterdir())"
    done = run_in(clean, tmp_path, "python", "-c", asking)

    assert done.stderr == ""
    assert Path(done.stdout.splitlines()[0]).is_relative_to(clean)
    assert done.stdout.splitlines()[1]


def test_installed_wheel_speaks_both_languages_without_babel(clean, tmp_path):
    asking = (
        "import sys; sys.modules['babel'] = None\n"
        "from reliability.words.text import words\n"
        "print(words('ko').text('verdict.pass') != words('en').text('verdict.pass'))"
    )
    done = run_in(clean, tmp_path, "python", "-c", asking)

    assert (done.stdout, done.stderr) == ("True\n", "")


def test_installed_wheel_runs_the_demo_from_another_folder(clean, tmp_path):
    done = run_in(clean, tmp_path, "reliability", "demo", "--out", "demo", timeout=300)

    assert done.returncode == 0, done.stderr
    left = [path for path in (tmp_path / "demo").rglob("*") if path.is_file()]
    assert {".pdf", ".html", ".json"} <= {path.suffix for path in left}
    assert any(path.name == "assessment.json" for path in left)
