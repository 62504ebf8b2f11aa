"""The process behind `medtune.runs.standby`: reads questions, one JSON line each, and writes answers the same way."""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import sys
from typing import Any, TextIO

from medtune.foundation.errors import MedtuneError
from medtune.foundation.records import to_plain
from medtune.foundation.words import Sentence, say
from medtune.runs.discretion import describe, keep_values_out_of_logs, note
from medtune.runs.worker import function_at, known_trouble

LOG = "standby.log"
UNEXPECTED = say(
    "Something unexpected happened while this was computed; file '{log}' in medtune's folder names the place.", log=LOG
)


def answer(function: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Ask the function at ``module:function``; its answer, or the error as its class and sentence."""
    try:
        return {"answer": to_plain(function_at(function)(payload))}
    except MedtuneError as error:
        return _refusal(type(error).__name__, error.sentence)
    except Exception as error:
        note(describe(error))
        return _refusal("RunError", known_trouble(error) or UNEXPECTED)


def serve(questions: TextIO, answers: TextIO) -> None:
    """Answer until the other side closes its end; that is also how a server that vanished is noticed."""
    for line in questions:
        asked = json.loads(line)
        # A process that died before it heard a question is replaced; one that died over it is not asked again.
        _tell(answers, asked["number"], {"heard": True})
        _tell(answers, asked["number"], answer(asked["function"], asked["payload"]))


def _tell(answers: TextIO, number: int, reply: dict[str, Any]) -> None:
    print(json.dumps({"number": number, **reply}, allow_nan=False), file=answers, flush=True)


def main() -> int:
    """Keep answers on a stream of their own: what a library prints goes to the log instead of between two answers."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", newline="\n")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    faulthandler.enable()
    keep_values_out_of_logs()
    for module in sys.argv[1:]:
        importlib.import_module(module)
    serve(sys.stdin, answers)
    return 0


def _refusal(kind: str, sentence: Sentence) -> dict[str, Any]:
    return {"refused": kind, "sentence": to_plain(sentence)}


if __name__ == "__main__":
    sys.exit(main())
