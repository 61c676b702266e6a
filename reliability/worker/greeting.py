"""The first words with a worker: it gives up its rights and tries to break out before anything submitted is opened."""

from collections.abc import Mapping
from typing import Any

from reliability.worker import bait, failures, landlock, wire
from reliability.worker.confinement import Way
from reliability.worker.process import WorkerProcess


def greeted(process: WorkerProcess, way: Way, limits: Mapping[str, Any], **further: object) -> wire.Header:
    """The worker's reply, which has how every attempt ended; WorkerError where one came through."""
    hello = {"op": "hello", "model": str(process.model), **further}
    hello["uid"] = way.uid if way.level == "bubblewrap" else None  # elsewhere it is that user already
    hello["limits"] = {**limits, "processes": limits["processes"] + landlock.others(way)}
    with bait.laid_out() as laid:
        try:
            told = {**hello, "bait": laid.described(shared=way.level == landlock.LANDLOCK)}
            reply, _ = process.ask(told, expected=0, timeout_s=limits["start_s"])
        except (EOFError, TimeoutError, wire.WireError) as error:
            process.close()
            raise failures.unavailable("start", process.output or type(error).__name__) from error
        if "probe" not in reply:
            raise failures.unavailable("start", reply.get("values", "no memory"))
        reached = sorted(name for name, outcome in reply["probe"].items() if outcome != "refused")
        # Limits alone keep nobody from reading; what was tried then stands in the record, and nothing is certified.
        if laid.touched() or (reached and way.level != landlock.PROCESS):
            raise failures.unavailable("probe", ", ".join(reached) or "listener")
    return reply


def apart(reply: wire.Header, way: Way, limits: Mapping[str, Any]) -> dict[str, Any]:
    """How a process that was greeted is kept apart, as the record has it."""
    return {
        "level": way.level,
        "user": way.name,
        **({way.level: way.version} if way.version else {}),
        **({"image": way.image} if way.image else {}),
        "probe": reply["probe"],
        "limits": dict(limits),
        "processes_limited": way.limits_processes,
    }
