"""What a container starts with: takes over the descriptors that the workbench hands it, then keeps the worker.

An engine hands no descriptor on, so they come over the one socket that is mounted. Whoever is first in a container is
beyond the signals of all others in it; when it ends, the kernel ends them all.
"""

import ctypes
import fcntl
import json
import os
import socket

from reliability.worker import fence

_MOST_TOLD, _MOST_DESCRIPTORS = 1 << 16, 16
_ABOVE = 512  # none of the numbers asked for is so high
_NOT_DUMPABLE = 4


def main(place: str) -> None:
    """Connect there, take over what comes, and keep a worker as `fence.main` does."""
    # Its memory and descriptors are closed to the worker, which is the same user.
    if ctypes.CDLL(None, use_errno=True).prctl(_NOT_DUMPABLE, 0, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "the keeper cannot be closed")
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as hand:
        hand.connect(place)
        told, received, _, _ = socket.recv_fds(hand, _MOST_TOLD, _MOST_DESCRIPTORS)
    given = json.loads(told)
    numbers = given.pop("numbers")
    high = [fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, _ABOVE) for one in received]
    for one in received:
        os.close(one)
    for number, one in zip(numbers, high, strict=True):
        os.dup2(one, number)
        os.close(one)
    fence.main(json.dumps(given))
