"""Every level of isolation, as root and as an ordinary user: what holds, and what each is said to be."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reliability.errors import WorkerError
from reliability.worker import fence, landlock
from tests.hostile import reaching

ROOT = Path(__file__).resolve().parents[2]
USER = 64_322  # a number without an account
# A view of the machine where everybody can read the interpreter and this checkout, wherever they lie.
VIEW = """
set -e
mount --make-rprivate /
room=$1 private=$2; shift 2
n=0
for folder in "$@"; do n=$((n+1)); mkdir -p "$room/$n"; mount --bind "$folder" "$room/$n"; done
if [ -n "$private" ]; then
    mount -t tmpfs -o mode=755 none "$private"
    n=0
    for folder in "$@"; do n=$((n+1)); mkdir -p "$folder"; mount --bind "$room/$n" "$folder"; done
fi
exec $RUN
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What elsewhere.py tells of a level, as root or as an ordinary user; each is run once."""
    known = {}

    def tell(level: str, *, user: bool):
        if (level, user) not in known:
            known[level, user] = ran(tmp_path_factory.mktemp("view"), level, user=user)
        return known[level, user]

    return tell


def ran(room: Path, level: str, *, user: bool):
    command = [sys.executable, str(Path(__file__).with_name("elsewhere.py")), level]
    command += [] if (level, user) == ("landlock", True) else FEWER
    if os.geteuid() != 0:
        if not user:
            pytest.skip("not root")
        return result(command, None)
    home = Path("/var/tmp") / f"reliability-home-{os.getpid()}-{level}-{user}"
    home.mkdir()
    try:
        if user:
            os.chown(home, USER, USER)
            command = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *command]
        private = landlock.private_interpreter()
        folders = [str(Path(sys.base_prefix).resolve())] if private else []
        view = ["unshare", "--mount", "sh", "-c", VIEW, "view", str(room), str(private or ""), *folders]
        given = {**os.environ, "HOME": str(home), "TMPDIR": str(home), "RUN": " ".join(command)}
        return result(view, given)
    finally:
        shutil.rmtree(home)


def result(command, environment):
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, cwd=ROOT)
    if done.returncode and "unshare" in done.stderr:
        pytest.skip(f"no view of our own on this machine: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(params=[("landlock", True), ("landlock", False), ("bubblewrap", True)],
                ids=["landlock-user", "landlock-root", "bubblewrap-user"])  # fmt: skip
def strong(request, told, confined):
    level, user = request.param
    if level == "landlock" and fence.abi() < fence.OLDEST_ABI:
        pytest.skip("this kernel has no Landlock that keeps signals in")
    return level, user, told(level, user=user)


ENDED = {"model_timeout", "model_crashed", "model_protocol_violation", "model_raised"}
# Under bubblewrap tests/worker asks for the rest, and so does the ordinary user under Landlock.
FEWER = ["well", "leaving", "segfault", "filling", "forking", "writing_many", "killing", "deep", "hanging"]
ENDINGS = {
    "leaving": ("model_exited", {"status": 0}),
    "segfault": ("model_crashed", {"signal": "SIGSEGV"}),
    "memory": ("model_memory_limit", {"mebibytes": 4096}),
    "raising": ("model_raised", {"type": "ValueError"}),
    "short": ("model_bad_output", {"what": "row_count"}),
    "garbage": ("model_protocol_violation", {"what": "magic"}),
    "huge_length": ("model_protocol_violation", {"what": "body_too_long"}),
    "nan_scores": ("model_bad_output", {"what": "not_finite"}),
    "filling": ("model_raised", {"type": "OSError"}),
    "load_exit": ("model_exited", {"status": 0}),
    "hanging": ("model_timeout", {"seconds": "2"}),
    "dripping": ("model_timeout", {"seconds": "2"}),
    "burning": ("model_cpu_limit", {"seconds": 1}),
}


def test_hostile_models_end_as_they_do_under_any_level(strong):
    _, _, met = strong

    told = {what: met[what] for what in ENDINGS if what in met}
    assert {what: one.get("code") for what, one in told.items()} == {what: ENDINGS[what][0] for what in told}
    assert all(one["values"] == one["values"] | ENDINGS[what][1] for what, one in told.items())
    assert met["well"]["labels"] == met["forking"]["labels"] == [0]
    # Where the keeper looks, a tree too deep to be looked at ends the worker; a sandbox's own goes with it.
    assert met["deep"].get("labels") == [0] or met["deep"]["values"] == {"signal": "SIGXFSZ"}


def test_model_is_let_nothing_but_its_own_corner(strong):
    level, _, met = strong

    shared = set(reaching.SHARED) if level == "landlock" else set()
    assert set(met["reached"]["let"]) & ({*reaching.ATTEMPTS} | shared) == set()
    assert set(reaching.MAY) <= set(met["reached"]["let"])
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert (met["reached"]["visits"], met["reached"]["kept"], met["reached"]["nice"]) == (0, True, own)


def test_small_files_without_end_are_stopped(strong):
    level, _, met = strong

    if level == "landlock":  # the keeper looks every tenth of a second
        assert (met["writing_many"]["code"], met["writing_many"]["values"]) == ("model_crashed", {"signal": "SIGXFSZ"})
    else:
        assert met["writing_many"]["values"]["what"] == "label_outside_classes"


def test_model_that_signals_everybody_ends_itself_at_most(strong):
    _, _, met = strong

    assert met["killing"]["code"] in ENDED


def test_nothing_is_left_of_a_worker(strong):
    _, _, met = strong

    assert (met["orphans"]["labels"], met["orphans"]["left"], met["stages"]) == ([0], 0, [])


def test_record_tells_the_level_and_what_was_tried(strong):
    level, user, met = strong
    isolation = met["well"]["isolation"]

    assert met["uid"] == (USER if user and os.geteuid() == 0 else os.geteuid())
    assert isolation["level"] == level
    assert isolation[level]
    assert set(isolation["probe"].values()) == {"refused"}
    assert ("signal_workbench" in isolation["probe"]) == (level == "landlock")
    assert isolation["exit"] == "ended_by_workbench"
    assert met["well"]["notes"] == []


def test_limits_alone_take_data_and_no_code(told, confined):
    met = told("process", user=True)

    assert met["well"]["labels"] == [0]
    assert met["well"]["isolation"]["level"] == "process"
    assert met["well"]["isolation"]["probe"]["read_home"] == "succeeded"
    assert met["well"]["isolation"]["probe"]["connect_loopback"] == "refused"
    assert met["well"]["notes"] == ["isolation_weak"]
    assert (met["pickle"]["code"], met["pickle"]["values"]["why"]) == ("sandbox_unavailable", "weak_isolation")
    assert met["stages"] == []


def test_interpreter_that_the_workers_user_cannot_read_is_found_out(confined):
    if os.geteuid() != 0 or landlock.private_interpreter() is None:
        pytest.skip("everybody can read this interpreter")

    with pytest.raises(WorkerError) as caught:
        landlock.find_way("landlock")
    assert caught.value.code == "sandbox_unavailable"
