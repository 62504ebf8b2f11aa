"""What searches for settings tell of their way: the best so far in the run's folder, and a way to end them early."""

from __future__ import annotations

import contextlib
import json
import math
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from medtune.foundation.files import write_record
from medtune.foundation.records import from_plain, to_json
from medtune.foundation.words import Sentence, say
from medtune.tuning.candidates import TITLES
from medtune.tuning.search_record import Told

GOING, ENDED, ENOUGH = "search.json", "searches.jsonl", "search.enough"
BETWEEN = 0.2  # seconds between two writes
PAUSE = 5.0  # seconds between two searches, while other methods are fitted
NAMES = {
    "C": say("strength of shrinkage"),
    "l1_ratio": say("share of lasso"),
    "components": say("components"),
    "min_samples_leaf": say("fewest patients in a leaf"),
    "leaf": say("fewest patients in a leaf"),
    "max_depth": say("deepest tree"),
    "depth": say("deepest tree"),
    "max_features": say("share of columns at a split"),
    "max_iter": say("trees"),
    "learning_rate": say("learning rate"),
    "l2_regularization": say("ridge on leaves"),
    "l2": say("ridge on leaves"),
}


@dataclass(frozen=True)
class Watch:
    """Writes how far a search is into a folder, from whichever process it runs in.

    Attributes
    ----------
    folder : str
        The run's folder.
    passing : bool
        Whether the folder is there for the searches alone and goes with them.
    """

    folder: str
    passing: bool = False

    def __call__(self, told: Told) -> bool:
        """Keep what was told; False once somebody has said that it is enough."""
        folder = Path(self.folder)
        if told.ended:
            with open(folder / ENDED, "a", encoding="utf-8") as file:
                file.write(to_json(told) + "\n")
        path = folder / GOING
        if told.ended or not path.exists() or time.time() - path.stat().st_mtime > BETWEEN:
            write_record(path, told, durable=False)
        return not (folder / ENOUGH).exists()


def fresh_watch(folder: Path | None) -> Watch:
    """A watch on a folder from which the traces of an earlier attempt are gone; a temporary folder when None."""
    if folder is None:
        return Watch(tempfile.mkdtemp(prefix="medtune-search-"), passing=True)
    for name in (GOING, ENDED, ENOUGH):
        (folder / name).unlink(missing_ok=True)
    return Watch(str(folder))


def enough(folder: Path) -> None:
    """End the searches of a run where they are; it goes on with the best settings so far."""
    (folder / ENOUGH).touch(mode=0o600)


def stopped(folder: Path) -> bool:
    """Whether somebody has said that the searches of a run are enough."""
    return (folder / ENOUGH).exists()


def standing(folder: Path) -> Told | None:
    """How far the search in a run's folder is; None when none has begun or it cannot be read."""
    try:
        return from_plain(Told, json.loads((folder / GOING).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def going(folder: Path) -> Told | None:
    """How far the search in a run's folder is, while one goes on; between two of them the one before still counts."""
    told = standing(folder)
    if told is not None and told.ended:
        with contextlib.suppress(OSError):
            return told if time.time() - (folder / GOING).stat().st_mtime < PAUSE else None
    return told


def found_by(told: Told) -> Sentence:
    """What a search had found when its run ended without a result."""
    return say(
        "The search for settings of “{method}” had come to: {best} (inner log-loss {loss:.3f}).",
        method=TITLES[told.key],
        best=written(told.best),
        loss=told.loss,
    )


def said_of(told: Told) -> Sentence:
    """How far a search is, and the best so far."""
    return say(
        "Searching settings of “{method}”: {tried} of at most {most} tried in this fold. Best so far: {best} "
        "(inner log-loss {loss:.3f}, {usual:.3f} with the usual settings).",
        method=TITLES[told.key],
        tried=told.tried,
        most=told.most,
        best=written(told.best),
        loss=told.loss,
        usual=told.usual,
    )


def written(settings: Mapping[str, object]) -> Sentence:
    """Settings in one line, "none" where there are none."""
    parts = [
        say("{setting} {value}", setting=NAMES[name], value=_value(name, value)) for name, value in settings.items()
    ]
    whole = parts[0] if parts else say("none")
    for part in parts[1:]:
        whole = say("{before}, {one}", before=whole, one=part)
    return whole


def _value(name: str, value: object) -> str | Sentence:
    if name == "C":  # the page asks for its inverse
        value = 1 / value
    if value is None:
        return say("no limit")
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def notes_on_searches(watch: Watch) -> tuple[Sentence, ...]:
    """What the searches of a run came to, for its notes; a folder that was there for them alone is removed.

    Parameters
    ----------
    watch : Watch
        As the searches were given it.

    Returns
    -------
    tuple of Sentence
        For each method what it settled on in the end, and whether the clock cut searches short.
    """
    try:
        lines = (Path(watch.folder) / ENDED).read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    if watch.passing:
        shutil.rmtree(watch.folder, ignore_errors=True)
    every = [from_plain(Told, json.loads(line)) for line in lines]
    notes = []
    for key in dict.fromkeys(told.key for told in every):
        mine = [told for told in every if told.key == key]
        # Fitted to all patients, after those of the folds.
        last = mine[-1]
        if math.isfinite(last.loss):
            template = "“{method}” settled on {best}, after {tried} of at most {most} combinations."
            told = {"best": written(last.best), "tried": last.tried, "most": last.most}
            notes.append(say(template, method=TITLES[key], **told))
        early = [told for told in mine if told.ended != "all"]
        if early:
            notes.append(_cut_short(key, mine, early))
    return tuple(notes)


def _cut_short(key: str, mine: list[Told], early: list[Told]) -> Sentence:
    clock = all(told.ended == "time" for told in early)
    template = (
        "The clock ended {count} of {all} searches of “{method}” early, after {few} to {many} of {most} combinations; "
        "another run may try more or fewer."
        if clock
        else "{count} of {all} searches of “{method}” were ended early, after {few} to {many} of {most} combinations."
    )
    tried = [told.tried for told in early]
    counts = {"count": len(early), "all": len(mine), "few": min(tried), "many": max(tried), "most": mine[0].most}
    return say(template, method=TITLES[key], **counts)
