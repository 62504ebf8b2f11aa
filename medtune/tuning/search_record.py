"""How far a search for settings is: what it tells, which pages and runs read without its libraries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Told:
    """How far one search is, or what came of it.

    Attributes
    ----------
    key : str
        The method, one of `medtune.tuning.candidates.TITLES`.
    tried, most : int
        Combinations tried, the usual settings first, and how many are tried at most.
    loss, usual : float
        Log-loss on the inner folds of the best settings so far, and of the usual ones.
    best : mapping of str to object
        The best settings so far.
    ended : str
        "" while it goes on; "all" were tried, "time" ran out, or it was "stopped".
    """

    key: str
    tried: int
    most: int
    loss: float
    usual: float
    best: Mapping[str, Any] = field(default_factory=dict)
    ended: str = ""


@dataclass(frozen=True)
class Budget:
    """What one search may use.

    Attributes
    ----------
    trials : int
        Combinations at most.
    seconds : float or None
        No new combination is begun afterwards; None is no limit. Numbers repeat only where time does not run out.
    watch : callable or None
        Told after each trial; False ends the search. It can be copied and sent to other processes.
    """

    trials: int = 25
    seconds: float | None = None
    watch: Callable[[Told], bool] | None = None
