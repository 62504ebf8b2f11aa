"""How far a run is: reported by its job, kept in its folder, read by the pages."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from medtune.foundation.files import write_record
from medtune.foundation.words import Sentence, say
from medtune.runs.folder import PROGRESS

BETWEEN_WRITES, HEARTBEAT = 0.2, 1.0


@dataclass(frozen=True)
class FinishedStage:
    """A part of the work that is done, and the seconds it took."""

    key: str
    stage: Sentence
    seconds: float


@dataclass(frozen=True)
class Standing:
    """How far a run is at one moment.

    Attributes
    ----------
    stage : Sentence
        What is being done.
    done, total : int
        Steps of this stage.
    fraction : float
        Share of all the work that is done, 0 to 1.
    seconds_left : float
        Over all stages; NaN until the first step allows a guess.
    started, heartbeat : float
        Seconds since the epoch: when the job began, and when this was written.
    finished : tuple of FinishedStage
        In the order they ended.
    """

    stage: Sentence
    done: int
    total: int
    fraction: float
    seconds_left: float
    started: float
    heartbeat: float
    finished: tuple[FinishedStage, ...] = ()


class Progress:
    """What a job tells about its way.

    Stages are announced one after the other; weights given beforehand through
    `plan` let the time left cover those that are still to come. A step costs no
    writing: at most five times a second, and at least once, the folder is told.

    Parameters
    ----------
    folder : Path, optional
        The run's folder; without one nothing is written.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._path = folder / PROGRESS if folder else None
        self._lock = threading.RLock()
        self._writing = threading.Lock()
        self._weights: dict[str, float] = {}
        self._key, self._stage, self._done, self._total = "", say("Getting ready."), 0, 0
        self._started, self._began = time.time(), time.monotonic()
        self._stage_began = self._began
        self._finished: list[FinishedStage] = []
        self._changed, self._written = True, -math.inf
        self._closing = threading.Event()
        self._beat = threading.Thread(target=self._keep_telling, daemon=True)
        if self._path:
            self._write()
            self._beat.start()

    @property
    def folder(self) -> Path | None:
        """The run's folder, where there is one."""
        return self._path.parent if self._path else None

    def plan(self, stages: Sequence[tuple[str, float]]) -> None:
        """Say which stages will come.

        Parameters
        ----------
        stages : sequence of (key, weight)
            In order; weights are the seconds expected, or anything in proportion to them.
        """
        with self._lock:
            self._weights = {key: max(float(weight), 1e-9) for key, weight in stages}

    def stage(self, sentence: Sentence, total: int, key: str = "") -> None:
        """Begin a stage; the one before it is finished.

        Parameters
        ----------
        sentence : Sentence
            What is being done, for the user.
        total : int
            How many steps it has.
        key : str
            Its key in the plan; without one, the first planned stage that has not begun.
        """
        with self._lock:
            self._finish_stage()
            known = {stage.key for stage in self._finished}
            waiting = [planned for planned in self._weights if planned not in known]
            self._key = key or (waiting[0] if waiting else f"stage {len(self._finished) + 1}")
            self._weights.setdefault(self._key, 1.0)
            self._stage, self._done, self._total = sentence, 0, max(int(total), 0)
            self._stage_began = time.monotonic()
        self._tell()

    def step(self, n: int = 1) -> None:
        """Say that `n` more steps of the stage are done."""
        with self._lock:
            self._done = min(self._done + n, self._total)
        self._tell()

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds taken by each finished stage, by key."""
        with self._lock:
            return {stage.key: stage.seconds for stage in self._finished}

    @property
    def standing(self) -> Standing:
        """How far the work is now."""
        with self._lock:
            fraction, left = self._estimate()
            return Standing(
                stage=self._stage,
                done=self._done,
                total=self._total,
                fraction=fraction,
                seconds_left=left,
                started=self._started,
                heartbeat=time.time(),
                finished=tuple(self._finished),
            )

    def close(self) -> None:
        """End the last stage and tell the folder a last time."""
        with self._lock:
            self._finish_stage()
        self.stop()

    def stop(self) -> None:
        """Tell the folder a last time, where the work stopped."""
        self._closing.set()
        if self._path:
            if self._beat.is_alive():
                self._beat.join(timeout=2.0)
            self._write()

    def _finish_stage(self) -> None:
        if self._key:
            self._done = self._total
            seconds = time.monotonic() - self._stage_began
            self._finished.append(FinishedStage(self._key, self._stage, seconds))
            self._key = ""

    def _estimate(self) -> tuple[float, float]:
        """Share done and seconds left: this stage at its own pace, those to come at the pace so far.

        A planned stage that was passed over counts as done, since stages come in order.
        """
        past = {stage.key for stage in self._finished}
        order = list(self._weights)
        if self._key:
            past |= set(order[: order.index(self._key)])
        whole = sum(self._weights.values())
        done_before = sum(weight for key, weight in self._weights.items() if key in past and key != self._key)
        current = self._weights.get(self._key, 0.0)
        share = self._done / self._total if self._total else 0.0
        done = done_before + current * share
        if not whole or not done:
            return 0.0, math.nan
        now = time.monotonic()
        pace = (now - self._began) / done
        own_pace = (now - self._stage_began) / (current * share) if current * share else pace
        return min(done / whole, 1.0), own_pace * current * (1 - share) + pace * (whole - done_before - current)

    def _tell(self) -> None:
        with self._lock:
            self._changed = True
            due = self._path is not None and time.monotonic() - self._written >= BETWEEN_WRITES
        if due:
            self._write()

    def _keep_telling(self) -> None:
        while not self._closing.wait(BETWEEN_WRITES):
            silent = time.monotonic() - self._written
            if silent >= (BETWEEN_WRITES if self._changed else HEARTBEAT):
                self._write()

    def _write(self) -> None:
        with self._writing:
            with self._lock:
                standing, self._changed, self._written = self.standing, False, time.monotonic()
            write_record(self._path, standing, durable=False)
