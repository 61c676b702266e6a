"""Stands in for Docker and Podman: takes the options that we write, no others, and does as they say by bubblewrap.

It has no daemon and no image: what it shows is that the command line is whole, that a worker starts from it and is
handed its descriptors, and that it ends when it has to. Started as `docker` or `podman` from the PATH.
"""

import contextlib
import csv
import json
import os
import signal
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PODMAN = Path(__file__).name == "podman"
ALONE = {"--rm", "--read-only", *(["--read-only-tmpfs=false"] if PODMAN else [])}
GIVEN = {
    "--pull": "never", "--log-driver": "none", "--network": "none", "--ipc": "none", "--cap-drop": "ALL",
    "--security-opt": "no-new-privileges", "--hostname": "worker",
}  # fmt: skip
TAKEN = {"--name", "--user", "--pids-limit", "--memory", "--memory-swap", "--cpus", "--ulimit", "--workdir", "--env",
         "--mount", "--tmpfs", "--entrypoint"}  # fmt: skip
LINKS = ("bin", "lib", "lib32", "lib64", "sbin")


def main(arguments):
    mode = (HERE / "mode").read_text()
    with (HERE / "asked").open("a") as log:
        log.write(json.dumps(arguments) + "\n")
    if mode == "no daemon":
        sys.exit("Cannot connect to the daemon. Is it running?")
    if arguments[0] == "version":
        print("28.9")
    elif arguments[:2] == ["image", "inspect"]:
        sys.exit(mode == "no image")
    elif arguments[:2] == ["rm", "--force"]:
        ended(arguments[2])
    elif mode == "never comes" and "-c" in arguments and "boxed" in arguments[arguments.index("-c") + 1]:
        print("the engine thinks it over", flush=True)
        (HERE / named(arguments)).write_text(str(os.getpid()))
        time.sleep(60)
    elif arguments[0] == "run":
        run(arguments[1:])
    else:
        sys.exit(f"unknown command {arguments}")


def named(arguments):
    return arguments[arguments.index("--name") + 1]


def parsed(arguments):
    told = {}
    while arguments[0].startswith("--"):
        option, value, *rest = arguments
        if option in ALONE:
            told[option], arguments = [""], arguments[1:]
            continue
        if option not in TAKEN and GIVEN.get(option) != value:
            sys.exit(f"unknown flag: {option} {value}")
        told.setdefault(option, []).append(value)
        arguments = rest
    missing = {*ALONE, *GIVEN, *TAKEN} - set(told)
    if missing:
        sys.exit(f"not asked for: {sorted(missing)}")
    return told, arguments


def run(arguments):
    told, (_image, *inside) = parsed(arguments)
    uid, gid = told["--user"][0].split(":")
    given = ["bwrap", *(f"--unshare-{one}" for one in ("user", "ipc", "pid", "net", "uts")), "--uid", uid, "--gid", gid]
    given += ["--new-session", "--clearenv", "--cap-drop", "ALL", "--as-pid-1", "--hostname", told["--hostname"][0]]
    for link in LINKS:
        given += ["--symlink", f"usr/{link}", f"/{link}"]
    given += ["--proc", "/proc", "--dev", "/dev"]
    for mount in told["--mount"]:
        kind, source, place, readonly = next(csv.reader([mount]))
        assert (kind, readonly) == ("type=bind", "readonly"), mount
        given += ["--ro-bind", source.removeprefix("src="), place.removeprefix("dst=")]
    folder, options = told["--tmpfs"][0].split(":")
    size = dict(one.partition("=")[::2] for one in options.split(","))["size"]
    given += ["--size", size, "--perms", "1777", "--tmpfs", folder]
    for place in ("/proc", "/dev", "/"):
        given += ["--remount-ro", place]
    for value in told["--env"]:
        given += ["--setenv", *value.partition("=")[::2]]
    (HERE / told["--name"][0]).write_text(str(os.getpid()))
    os.execvp("bwrap", [*given, "--chdir", told["--workdir"][0], told["--entrypoint"][0], *inside])


def ended(name):
    place = HERE / name
    if place.exists():
        pid = place.read_text()
        with contextlib.suppress(FileNotFoundError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            for one in (*children, pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(one), signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
