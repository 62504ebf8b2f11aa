"""Questions of a few seconds, asked of a second process that is kept warm, so that no page computes in the server."""

from __future__ import annotations

import contextlib
import json
import queue
import secrets
import shutil
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from medtune.foundation.errors import MedtuneError, RunError
from medtune.foundation.records import from_plain, to_json
from medtune.foundation.words import Sentence
from medtune.runs.answering import LOG
from medtune.runs.store import home
from medtune.runs.surroundings import ROOT, detached, environment, private

# Question -> where its function stands: function(payload: dict) -> dict or record.
# Tables travel as files in an `errand`, whose path goes into the payload.
_ASKED = {
    "questions": (
        *("preview_preparation", "demo_cohort", "inspect_model", "keep_equation", "export_model", "score_table"),
        *("keep_mean", "groups_of_run", "describe_patients"),
    ),
    "change_questions": ("run_changes", "change_reasons"),
    "explain_questions": ("interplay_of_run", "explain_class_of_run"),
    "paper": ("paper_of_run", "main_effects_of_run"),
    "review_questions": ("review_run", "similar_patients"),
    "picture_questions": ("picture_map",),
    "class_questions": (
        *("class_changes_of_run", "class_change_reasons", "class_review_run", "look_at_class_patient"),
        *("class_patient_parts", "class_patient_curve", "class_patient_alternatives"),
    ),
    "patient_questions": ("look_at_patient", "patient_curve", "patient_alternatives"),
}
QUESTIONS: dict[str, str] = {name: f"medtune.runs.{room}:{name}" for room, names in _ASKED.items() for name in names}

# What nearly every question needs, imported at once so that the first one need not wait for it.
AHEAD = ("pandas", "sklearn.compose", "sklearn.ensemble", "sklearn.impute", "sklearn.linear_model", "sklearn.pipeline")

LOG_LIMIT = 1_000_000  # bytes
ERRANDS, FORGOTTEN = "errands", 3600.0  # folder of files on their way, and seconds after which nobody waits for them


class Standby:
    """A process that answers one question after the other, and is started anew when it died or took too long.

    Parameters
    ----------
    questions : mapping of str to str
        Name of a question to ``module:function``.
    ahead : sequence of str
        Modules that the process imports before the first question.
    """

    def __init__(self, questions: Mapping[str, str] = QUESTIONS, ahead: Sequence[str] = AHEAD) -> None:
        self._questions, self._ahead = questions, tuple(ahead)
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def ask(self, question: str, payload: Mapping[str, Any] | None = None, timeout: float = 30.0) -> Any:
        """Ask, and wait for the answer.

        Parameters
        ----------
        question : str
            One of the names given.
        payload : mapping, optional
            What the function is given; anything `records.to_json` can write, and small: tables go by path.
        timeout : float
            Seconds, including those in which others are being answered.

        Returns
        -------
        object
            The answer as plain JSON values; a record returned by the function
            is rebuilt by `records.from_plain`.

        Raises
        ------
        MedtuneError
            Of the class that the function raised.
        RunError
            When no answer came in time, the process ended over the question, or something unexpected happened.
        """
        if question not in self._questions:
            raise RunError("Nothing is known about the question '{question}'.", question=question)
        end = time.monotonic() + timeout
        if not self._lock.acquire(timeout=timeout):
            raise RunError("Other questions are still being answered; try again in a moment.")
        try:
            reply = self._answered(self._questions[question], payload or {}, end)
        finally:
            self._lock.release()
        if "refused" in reply:
            raise _error_of(reply)
        return reply["answer"]

    def warm(self) -> None:
        """Start the process now, so that the first question need not wait for its imports; returns at once."""
        if self._lock.acquire(blocking=False):  # whoever holds it has started it
            try:
                self._living()
            finally:
                self._lock.release()

    def close(self) -> None:
        """End the process; a later question starts another."""
        with self._lock:
            if self._child is not None:
                self._child.end()
                self._child = None

    def _answered(self, function: str, payload: Mapping[str, Any], end: float) -> dict[str, Any]:
        """Ask the living process; one that turns out to be dead before it heard the question is replaced, once."""
        for _ in range(2):
            child = self._living()
            child.put(function, payload)
            reply = child.reply(end)
            if reply is not None:
                return reply
            late, heard = child.alive, child.heard
            self._renew()
            if late:
                raise RunError("This took too long and was stopped; try it with fewer patients or columns.")
            if heard:
                break
        raise RunError("The process that computes this ended without an answer; try again with fewer patients.")

    def _living(self) -> _Child:
        if self._child is None or not self._child.alive:
            self._renew()
        return self._child

    def _renew(self) -> None:
        if self._child is not None:
            self._child.end()
        self._child = _Child(self._ahead)


class _Child:
    """One process, with a thread that listens to it; it ends when this object or the server does."""

    def __init__(self, ahead: tuple[str, ...]) -> None:
        command = [sys.executable, "-m", "medtune.runs.answering", *ahead]
        try:
            with open(_log(), "ab", opener=private) as log:
                self._process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=environment(), cwd=ROOT,
                    encoding="utf-8", **detached(),
                )  # fmt: skip
        except OSError as error:
            raise RunError(
                "No process could be started to compute this ({reason}); close other programs and try again.",
                reason=error.strerror,
            ) from error
        self._replies: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._asked, self.heard = 0, False
        threading.Thread(target=_listen, args=(self._process, self._replies), daemon=True).start()
        self.end = weakref.finalize(self, _end, self._process)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def put(self, function: str, payload: Mapping[str, Any]) -> None:
        """Put the question; whether somebody heard it is seen from the reply."""
        self._asked, self.heard = self._asked + 1, False
        line = to_json({"number": self._asked, "function": function, "payload": payload})
        with contextlib.suppress(OSError):  # the process has ended: then there is no reply either
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()

    def reply(self, end: float) -> dict[str, Any] | None:
        """The answer to the question put last; None when the time is over or the process has ended."""
        while (left := end - time.monotonic()) > 0:
            try:
                reply = self._replies.get(timeout=left)
            except queue.Empty:
                return None
            if reply is None:
                self._process.wait()
                return None
            if reply["number"] != self._asked:
                continue
            if "heard" not in reply:
                return reply
            self.heard = True
        return None


def _listen(process: subprocess.Popen, replies: queue.SimpleQueue) -> None:
    try:
        for line in process.stdout:
            replies.put(json.loads(line))
    except ValueError:
        pass  # it was ended in the middle of a line, or its stream was closed under us
    finally:
        replies.put(None)


def _end(process: subprocess.Popen) -> None:
    """Kill it: it holds nothing that is not asked for again, and may be deep in a library that hears nothing else."""
    process.kill()
    process.wait()
    with contextlib.suppress(OSError):  # what was not flushed has no reader any more
        process.stdin.close()


def _error_of(reply: Mapping[str, Any]) -> MedtuneError:
    kinds = {kind.__name__: kind for kind in _kin(MedtuneError)}
    return kinds.get(reply["refused"], RunError).of(from_plain(Sentence, reply["sentence"]))


def _kin(kind: type[MedtuneError]) -> Iterator[type[MedtuneError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _kin(below)


def _log() -> Path:
    path = home() / LOG
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.unlink()
    return path


@contextlib.contextmanager
def errand() -> Iterator[Path]:
    """A folder for what is too large for a question, such as a table to score; it is gone afterwards with all in it.

    Yields
    ------
    Path
        An empty folder under `home()`, readable by this user only.
    """
    place = home() / ERRANDS
    place.mkdir(mode=0o700, exist_ok=True)
    for rest in place.iterdir():  # of a server that was stopped in between
        if time.time() - rest.stat().st_mtime > FORGOTTEN:
            shutil.rmtree(rest, ignore_errors=True)
    folder = place / secrets.token_hex(8)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_ours = Standby()
ask, warm = _ours.ask, _ours.warm
