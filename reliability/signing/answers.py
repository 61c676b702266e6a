"""Answers of others on the network, waited for so long and no longer, however slowly they come in."""

import http.client
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

_Answer = TypeVar("_Answer")


def within(seconds: float, asked: Callable[[], _Answer]) -> _Answer:
    """What is answered in time.

    Raises
    ------
    TimeoutError
        If it is not.
    OSError, HTTPException, ValueError
        What asking itself raised.
    """
    answers: SimpleQueue[tuple[_Answer] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put((asked(),))
        except (OSError, http.client.HTTPException, ValueError) as error:
            answers.put(error)

    # A limit of each silence does not end an answer that drips: names, handshake and header may take for ever.
    Thread(target=ask, daemon=True).start()
    try:
        found = answers.get(timeout=max(seconds, 0))
    except Empty:
        raise TimeoutError from None
    if isinstance(found, Exception):
        raise found
    return found[0]
