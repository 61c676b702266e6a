"""Work given to several processes, and taken back in the order in which it was given."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any, TypeVar

Made = TypeVar("Made")
_WAITING = 3  # for each process: enough to keep it busy, few enough to be held in memory


@dataclass(frozen=True, kw_only=True)
class Hands:
    """Processes that work; none where it is done here and at once."""

    jobs: int = 1
    pool: ProcessPoolExecutor | None = None
    _given: deque[Future[Any]] = field(default_factory=deque)

    def give(self, function: Callable[..., Made], *arguments: Any) -> list[Made]:
        """Have a function called; what was made by now, of what was given before."""
        if self.pool is None:
            return [function(*arguments)]
        self._given.append(self.pool.submit(function, *arguments))
        return [self._given.popleft().result() for _ in range(len(self._given) - _WAITING * self.jobs)]

    def rest(self) -> Iterator[Any]:
        """What is still to come."""
        while self._given:
            yield self._given.popleft().result()


@contextmanager
def open_hands(jobs: int) -> Iterator[Hands]:
    """So many processes, until they are left; one means that everything is done here."""
    if jobs == 1:
        yield Hands()
        return
    # Fresh ones: a fork would take along whatever key and connection is open here.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        try:
            yield Hands(jobs=jobs, pool=pool)
        finally:
            pool.shutdown(cancel_futures=True)
