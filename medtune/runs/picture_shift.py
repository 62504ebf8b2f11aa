"""How the models of a run would do on pictures taken otherwise: held-out pictures are altered and scored again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from medtune.evaluation.discrimination import auroc, auroc_draws
from medtune.evaluation.headline import patient_log_loss
from medtune.evaluation.resampling import Resamples
from medtune.foundation.errors import RunError
from medtune.foundation.estimate import Estimate
from medtune.foundation.settings import Settings
from medtune.foundation.words import Sentence, say
from medtune.images.alterations import ALTERATIONS, altered
from medtune.images.keeping import keys_of, open_picture
from medtune.images.measuring import measure_many
from medtune.runs.folder import RunFolder, Summary, checked_id, read_record
from medtune.runs.picture_questions import measures_in, with_measures
from medtune.runs.progress import Progress
from medtune.runs.record import read_result
from medtune.runs.store import Store
from medtune.tuning.validation import plan_validation

KIND, OF, RESULT = "picture_shift", "of.json", "picture_shift.json"
AS_IT_IS = say("as they are")
RESAMPLES = 500


@dataclass(frozen=True)
class Of:
    """The run whose models are tried."""

    run: str


@dataclass(frozen=True)
class Shifted:
    """The judged method on held-out pictures of one kind.

    Attributes
    ----------
    key : str
        Of the alteration; "" for the pictures as they are.
    title : Sentence
    auroc, change : Estimate
        And the difference from the pictures as they are; 95% intervals.
    mean_risk : float
    log_loss : float
    """

    key: str
    title: Sentence
    auroc: Estimate
    change: Estimate
    mean_risk: float
    log_loss: float


@dataclass(frozen=True)
class Shift:
    """What came of it: the method that was tried, the event rate, and each kind of pictures."""

    method: str
    event_rate: float
    n: int
    kinds: tuple[Shifted, ...]


def begin_shift(store: Store, run: RunFolder) -> RunFolder:
    """Start trying a run's judged method on altered pictures.

    Parameters
    ----------
    store : Store
    run : RunFolder
        A finished run on pictures.

    Returns
    -------
    RunFolder
        Of the job; the result is written beside the run's own, see `read_shift`.
    """
    from medtune.runs import execution

    job = store.new_run(KIND, f"Altered pictures: {run.job.name}", run.job.cohort)
    job.write(OF, Of(run.id))
    execution.start(job.path)
    return job


def read_shift(folder: Path) -> Shift | None:
    """What came of altered pictures for the run in a folder; None before it was tried."""
    return read_record(Shift, folder / RESULT)


def checked_run(folder: Path) -> str:
    """Id of the run whose models the job in a folder tries."""
    of = read_record(Of, folder / OF)
    if of is None:
        raise RunError("The run whose models are to be tried is not named; start again.")
    return of.run


def shift_job(folder: Path, progress: Progress) -> Summary:
    """Measure altered pictures, and score them by the models of folds that did not see their patients."""
    from medtune.runs.stages import local_of

    home = RunFolder(folder).home
    checked = RunFolder(home / "runs" / checked_id(checked_run(folder)))
    local = local_of(checked.path)
    keys = keys_of(local.cohort.frame)
    if keys is None or local.cohort.classes:
        raise RunError("Only runs on pictures with an event or not can be tried on altered pictures.")
    measures, count = measures_in(local.cohort.frame), len(keys)
    progress.plan((("measure", 8.0), ("score", 2.0)))
    progress.stage(say("Measuring altered pictures"), count * len(ALTERATIONS), "measure")
    frames = {"": local.read}
    for alteration in ALTERATIONS:
        get = partial(_altered, home, tuple(keys), alteration.key)
        values = np.concatenate([rows for _, rows in measure_many(count, get, measures, progress.step)])
        frames[alteration.key] = with_measures(local.read, values, measures)
    result = _tried(local, frames, checked.path, progress)
    checked.write(RESULT, result)
    worst = min(result.kinds, key=lambda kind: kind.auroc.value)
    sentence = say("AUROC {own} as they are, {worst} at worst.", own=result.kinds[0].auroc, worst=worst.auroc)
    return Summary(count, int(local.y.sum()), "", sentence)


def _altered(home: Path, keys: tuple[str, ...], alteration: str, place: int) -> np.ndarray:
    return altered(open_picture(home, keys[place]), alteration, place)


def _tried(local, frames: dict, folder: Path, progress: Progress) -> Shift:
    """Each held-out picture, as it is and altered, by the models of its fold; one repeat of the run's own folds."""
    result = read_result(folder)
    method = result.verdict.method if result.verdict.method != "blended" else "averaged"
    settings = Settings.from_json(RunFolder(folder).settings)
    sites, patients = local.cohort.site, local.cohort.patients
    plan = plan_validation(local.y, settings.validation, patients=patients, sites=sites, seed=settings.seed)
    splits = [split for split in plan.splits if split.repeat == 0]
    progress.stage(say("Scoring altered pictures"), len(splits), "score")
    risks = {key: np.full(len(local.y), np.nan) for key in frames}
    for split in splits:
        fitted = local.unfitted(method).fit(local.read.iloc[split.train], local.y[split.train])
        for key, frame in frames.items():
            risks[key][split.test] = np.asarray(fitted.predict_proba(frame.iloc[split.test]))[:, 1]
        progress.step()
    rows = np.isfinite(risks[""])
    y, own = local.y[rows], risks[""][rows]
    draws = Resamples.draw(int(rows.sum()), RESAMPLES, settings.seed, None if patients is None else patients[rows])
    titles = {"": AS_IT_IS, **{alteration.key: alteration.title for alteration in ALTERATIONS}}
    kinds = tuple(_kind(key, titles[key], y, risk[rows], own, draws) for key, risk in risks.items())
    return Shift(method, float(y.mean()), int(rows.sum()), kinds)


def _kind(key: str, title: Sentence, y: np.ndarray, risk: np.ndarray, own: np.ndarray, draws: Resamples) -> Shifted:
    drawn, usual = auroc_draws(y, risk, draws), auroc_draws(y, own, draws)
    area, change = auroc(y, risk), auroc(y, risk) - auroc(y, own)
    return Shifted(
        key,
        title,
        Estimate(area, *(float(np.nanquantile(drawn, q)) for q in (0.025, 0.975))),
        Estimate(change, *(float(np.nanquantile(drawn - usual, q)) for q in (0.025, 0.975))),
        float(risk.mean()),
        float(patient_log_loss(y, risk[None]).mean()),
    )
