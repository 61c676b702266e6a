import os
import py_compile
import subprocess
import sys
from pathlib import Path

import pytest

from reliability.errors import WorkerError
from reliability.worker import child, confinement, seccomp
from reliability.worker.confinement import Way

FILES = confinement.package_files()


def command(way=None) -> list[str]:
    confinement._view.cache_clear()  # Python may have compiled something since it was first asked for
    way = way or Way(name="user_namespace", bwrap="bwrap", arguments=("--unshare-user",))
    return confinement.command(way, package=FILES, model=7, filters=8, wire=9, scratch_bytes=1024)


def value_after(options, *flag) -> str:
    at = next(i for i in range(len(options)) if tuple(options[i : i + len(flag)]) == flag)
    return options[at + len(flag)]


def why(action) -> str:
    with pytest.raises(WorkerError) as caught:
        action()
    assert caught.value.code == "sandbox_unavailable"
    return caught.value.values["why"]


def test_way_that_works_is_one_of_two(confined):
    assert confined.name in {"own_user", "user_namespace"}
    assert confined.version.startswith("0.")


def test_worker_gets_a_user_of_its_own_when_started_by_root(confined):
    if os.geteuid() != 0:
        pytest.skip("only root can give a worker a user of its own")

    assert (confined.name, confined.limits_processes) == ("own_user", True)


def test_no_way_is_found_when_bubblewrap_is_missing(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")

    assert why(confinement.find_way) == "bubblewrap_missing"


def test_no_way_is_found_when_bubblewrap_does_not_work(monkeypatch, tmp_path):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    assert why(confinement.find_way) == "bubblewrap_unusable"


@pytest.mark.parametrize(
    ("module", "name", "value"), [(sys, "platform", "darwin"), (seccomp, "supported", lambda: False)]
)
def test_no_way_is_found_on_another_platform(monkeypatch, module, name, value):
    monkeypatch.setattr(module, name, value)

    assert why(confinement.find_way) == "platform"


def test_second_way_is_taken_when_the_first_does_not_work(monkeypatch):
    tried = []

    def only_the_last(way):
        tried.append(way)
        return subprocess.CompletedProcess([], 0 if len(tried) == 2 else 1, "", "no")

    monkeypatch.setattr(confinement.shutil, "which", lambda _: "/bin/true")
    monkeypatch.setattr(confinement, "_tried", only_the_last)

    assert confinement.find_way() is tried[1]


@pytest.mark.parametrize("root", [True, False])
def test_every_way_shuts_every_namespace_and_right(monkeypatch, root):
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)

    for way in confinement._ways("/bin/true"):
        assert {f"--unshare-{one}" for one in ("net", "pid", "ipc", "uts")} <= set(way.arguments)
        assert {"--die-with-parent", "--new-session", "--clearenv"} <= set(way.arguments)
        assert value_after(way.arguments, "--cap-drop") == "ALL"
        assert ("--unshare-user" in way.arguments) == (way.uid is None)


def test_limit_on_processes_is_said_not_to_hold_when_root_only_maps_itself(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    assert [way.limits_processes for way in confinement._ways("/bin/true")] == [True, False, False]


def test_command_mounts_one_model_and_a_small_scratch():
    options = command()

    assert value_after(options, "--ro-bind-data") == "7"
    assert value_after(options, "--seccomp") == "8"
    assert value_after(options, "--size") == "1024"
    assert options[-2 - len(confinement.sites())] == "9"


def test_command_leaves_nothing_writable_but_scratch():
    options = command()

    assert not {"--bind", "--dev-bind", "--bind-try"} & set(options)
    assert {options[i + 1] for i, one in enumerate(options) if one == "--remount-ro"} == {"/proc", "/dev", "/"}
    assert options.index("--remount-ro") > options.index("--proc")


def test_command_uses_one_thread_and_a_fixed_hash():
    options = command()

    assert value_after(options, "--setenv", "OMP_NUM_THREADS") == "1"
    assert value_after(options, "--setenv", "OPENBLAS_NUM_THREADS") == "1"
    assert value_after(options, "--setenv", "PYTHONHASHSEED") == "0"


def test_package_in_the_sandbox_holds_the_worker_and_nothing_else():
    adapters = {name.rpartition(".")[2] + ".py" for name in child.ADAPTERS.values()}
    inside = confinement.PACKAGE / "reliability"
    of_worker = {place.name for place in FILES if place.parent == inside / "worker"}

    assert of_worker == {"__init__.py", "wire.py", "child.py", "encoded.py", "allowed_globals.json"} | adapters
    assert {place.parent for place in FILES} == {inside, inside / "worker", inside / "formats"}
    assert all(file.is_file() for file in FILES.values())


def test_mounted_folders_hold_neither_home_nor_the_project():
    mounted = confinement.mounted()

    assert Path.home() not in mounted
    assert not any(Path(__file__).is_relative_to(folder) for folder in mounted)
    assert not any(folder in mounted for folder in (Path("/"), Path("/usr"), Path("/etc"), Path("/home")))


def test_parents_are_made_readable_before_what_lies_in_them():
    parents = confinement._parents([Path("/root/a/b"), Path("/root/a")])

    assert parents == [Path("/root")]


@pytest.mark.parametrize("number", [0, 1])
def test_both_ways_of_root_run_the_worker(monkeypatch, confined, number, hostile, rows):
    ways = [way for way in confinement._ways(confined.bwrap) if confinement._tried(way).returncode == 0]
    if number >= len(ways):
        pytest.skip("this machine has one way only")
    monkeypatch.setattr(confinement, "find_way", lambda: ways[number])

    model = hostile("writing")

    assert model.isolation["user"] == ways[number].name
    assert set(model.isolation["probe"].values()) == {"refused"}
    assert model.answer(rows).labels.tolist() == [0] * 5


def mounts(options) -> dict[str, str]:
    """Place in the sandbox -> what lies there, of every option that brings something in."""
    brings = {
        "--ro-bind",
        "--ro-bind-data",
        "--bind",
        "--dev-bind",
        "--ro-bind-try",
        "--bind-try",
        "--file",
        "--symlink",
    }
    return {options[i + 2]: options[i + 1] for i, one in enumerate(options) if one in brings}


def test_command_mounts_the_listed_folders_the_package_and_the_model_and_no_more():
    brought = (*confinement.mounted(), *FILES.values(), *confinement._compiled(FILES.items()).values())
    listed = {str(path) for path in brought} | {"7"}
    links = {str(link.readlink()) for link in map(Path, ("/lib", "/lib32", "/lib64")) if link.is_symlink()}

    sources = set(mounts(command()).values())

    assert sources <= listed | links | {"/lib", "/lib32", "/lib64"}
    assert listed <= sources


def test_of_what_python_compiled_the_longest_files_alone_are_brought_where_they_are_there(tmp_path):
    place, source = Path("/worker/reliability/worker"), tmp_path / "child.py"
    source.write_text("")
    nothing = confinement._compiled([(place / "child.py", source), (place / "wire.py", tmp_path / "wire.py")])
    made = Path(py_compile.compile(source))

    found = confinement._compiled([(place / "child.py", source), (place / "encoded.py", tmp_path / "encoded.py")])

    assert nothing == {}
    assert found == {place / "__pycache__" / made.name: made}


@pytest.mark.parametrize(
    "hidden", ["/etc/passwd", "/etc/shadow", "/etc/hosts", "/root", "/home", "/var", "/run", "/sys", "/"]
)
def test_command_brings_nothing_private_in(hidden):
    sources = {Path(source) for place, source in mounts(command()).items() if place != "/model/file"}

    assert not any(Path(hidden).is_relative_to(source) for source in sources if source.is_absolute())


def test_command_brings_nothing_of_the_checkout_in_but_the_workers_files():
    checkout = Path(confinement.__file__).parents[2]
    libraries = (*confinement.sites(), Path(sys.base_prefix).resolve())

    inside = {Path(source) for source in mounts(command()).values() if Path(source).is_relative_to(checkout)}

    ours = {*FILES.values(), *confinement._compiled(FILES.items()).values()}
    assert {path for path in inside if not any(path.is_relative_to(one) for one in libraries)} == ours


def test_command_clears_the_environment_before_it_sets_its_own():
    way = next(confinement._ways("bwrap"))
    options = command(way)

    names = [options[i + 1] for i, one in enumerate(options) if one == "--setenv"]
    assert options.index("--clearenv") < options.index("--setenv")
    assert len(names) == len(set(names))
    assert not {"PATH", "LD_PRELOAD", "PYTHONPATH", "PYTHONSTARTUP", "USER"} & set(names)


def test_root_keeps_the_two_rights_it_needs_to_become_nobody(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    own, *inside = confinement._ways("bwrap")

    added = [own.arguments[i + 1] for i, one in enumerate(own.arguments) if one == "--cap-add"]
    assert (own.uid, added) == (confinement.WORKER_USER, ["CAP_SETUID", "CAP_SETGID"])
    for way in inside:
        assert value_after(way.arguments, "--uid") == value_after(way.arguments, "--gid") == "65534"
        assert "--cap-add" not in way.arguments


def test_python_runs_without_site_user_folder_or_bytecode():
    *options, program = confinement.python("program")

    assert options[1:] == ["-s", "-S", "-P", "-B", "-c"]
    assert Path(options[0]).is_absolute()
    assert not Path(options[0]).is_symlink()
    assert program == "program"


def test_model_is_readable_by_all_and_writable_by_none():
    assert value_after(command(), "--perms", "0444", "--ro-bind-data") == "7"


def test_later_words_of_a_broken_bwrap_are_kept_short(monkeypatch, tmp_path):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\nprintf '\\033[31m%05000d' 1 >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(confinement.shutil, "which", lambda _: str(fake))

    with pytest.raises(WorkerError) as caught:
        confinement.find_way()
    assert len(caught.value.values["found"]) == 200
    assert caught.value.values["found"].isprintable()


def test_way_does_not_work_when_bwrap_hangs(monkeypatch):
    monkeypatch.setattr(confinement, "_CHECK_S", 0.1)

    tried = confinement._output(["/bin/sleep", "60"])

    assert (tried.returncode, "timed out" in tried.stderr) == (1, True)
