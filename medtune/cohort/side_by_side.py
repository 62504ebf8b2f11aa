"""Parts of one large piece of work done on several cores at a time, their results in the order of the parts."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

MOST = 4  # threads: each holds a part of its own, and more of them would wait for the interpreter
Part, Result = TypeVar("Part"), TypeVar("Result")


def side_by_side(work: Callable[[Part], Result], parts: Iterable[Part]) -> Iterator[Result]:
    """What `work` makes of each part, as soon as those before it are done.

    Parameters
    ----------
    work : callable
        One that leaves the interpreter to others while it works, as numpy and the parser of pandas do.
    parts : iterable
        Taken up when a thread is free, so that few of them are held at a time.

    Yields
    ------
    Result
        In the order of `parts`. What `work` raises is raised here, and parts not yet begun are dropped.
    """
    threads = min(os.cpu_count() or 1, MOST)
    waiting: deque = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for part in parts:
                waiting.append(pool.submit(work, part))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for rest in waiting:
                rest.cancel()
