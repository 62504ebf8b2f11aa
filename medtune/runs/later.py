"""The job after a result: the learning curve and the instability of the judged method, at low priority."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import numpy as np

from medtune.foundation.errors import SettingsError
from medtune.foundation.words import Sentence, say
from medtune.runs.comparing import scored
from medtune.runs.folder import RunFolder
from medtune.runs.gene_marks import has_genes
from medtune.runs.gene_results import write_genes
from medtune.runs.local import Local
from medtune.runs.progress import Progress
from medtune.runs.record import INSTABILITY, LEARNING, RunResult, read_result
from medtune.runs.stages import local_of
from medtune.tuning.candidates import FROM_SCRATCH
from medtune.tuning.instability import Instability, instability, resampled, resamples_for, times_drawn
from medtune.tuning.learning import (
    NO_CURVE,
    SIZES,
    LearningCurve,
    learning_curve,
    repeated,
    repeats_of_curve,
    shares_for,
    thinned,
)
from medtune.tuning.validation import Plan, Split, plan_validation

ROWS = 20_000
NICE = 10  # of 19: whatever else the machine does goes first
# Methods that fit many models each, a curve of which would take as many runs; a search stands here as without it.
COSTLY = (*(key for key in FROM_SCRATCH if key != "scratch"), "boosted_searched", "network")
WITHOUT_SEARCH = {"searched": "scratch", "boosted_searched": "boosted"}
UNSEARCHED = say("The search for settings is not repeated here; the usual settings stand in.")
DRAWN = say(
    "Worked out on {rows} patients drawn at random from {n}; with all of them the risks move less than shown here."
)


def later_job(folder: Path, progress: Progress) -> None:
    """Do what comes after the result of the run in whose folder `folder` lies, and leave it in `folder`."""
    give_precedence()
    run = folder.parent
    genes = [("genes", 6.0)] if has_genes(run) else []
    progress.plan([("patients", 1.0), *genes, ("learning", 8.0), ("instability", 10.0)])
    progress.stage(say("Reading the patients and the starting model"), 1, "patients")
    result, local = read_result(run), local_of(run)
    if genes:
        write_genes(folder, local, progress)
    if local.cohort.classes:
        return
    rows, note = drawn(local.y, local.settings.seed)
    if judged(result) != result.tuned.key:
        note = UNSEARCHED if note is None else say("{drawn} {unsearched}", drawn=note, unsearched=UNSEARCHED)
    RunFolder(folder).write(LEARNING, curve_of(local, result, rows, note, progress))
    RunFolder(folder).write(INSTABILITY, instability_of(local, result, rows, note, progress))


def give_precedence() -> None:
    """Let every other process of the machine go first, where the system knows how."""
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(NICE)


def drawn(y: np.ndarray, seed: int) -> tuple[np.ndarray, Sentence | None]:
    """Positions of the patients to work with: all, or a random 20,000 with a sentence that says so."""
    if len(y) <= ROWS:
        return np.arange(len(y)), None
    rows = np.sort(np.random.default_rng(seed).choice(len(y), ROWS, replace=False))
    return rows, say(DRAWN.template, rows=ROWS, n=len(y))


def judged(result: RunResult) -> str:
    """The method that is fitted again and again: the judged one, a search left out."""
    return WITHOUT_SEARCH.get(result.tuned.key, result.tuned.key)


def curve_of(
    local: Local, result: RunResult, rows: np.ndarray, note: Sentence | None, progress: Progress
) -> LearningCurve:
    """The learning curve of every method that was compared.

    Parameters
    ----------
    local : Local
        The patients and the starting model.
    result : RunResult
        Whose methods take part.
    rows : ndarray of shape (m,)
        Positions of the patients to work with.
    note : Sentence or None
        Kept with the curve.
    progress : Progress
        Told of each split.

    Returns
    -------
    LearningCurve
        Without gains where there are too few events.
    """
    doing = say("Working out what fewer patients would have given")
    reference, method = result.reference.key, judged(result)
    compared = (c.key for c in result.candidates if c.performance is not None)
    keys = list(dict.fromkeys([*(key for key in compared if key not in (*COSTLY, "blended")), method]))
    settings, patients = local.settings, local.cohort.patients
    sites = local.cohort.site
    nothing = LearningCurve(reference, method, np.zeros(0), np.zeros(0), note=NO_CURVE)
    try:
        plan = plan_validation(
            local.y[rows],
            settings.validation,
            patients=None if patients is None else patients[rows],
            sites=None if sites is None else sites[rows],
            seed=settings.seed,
        )
    except SettingsError as error:
        progress.stage(doing, 0, "learning")
        return LearningCurve(reference, method, np.zeros(0), np.zeros(0), note=error.sentence)
    plan = repeated(among(plan, rows), repeats_of_curve(len(rows)))
    shares = shares_for(local.y, plan.splits, settings.guards.averaged)
    progress.stage(doing, len(plan.splits) * SIZES if shares is not None else 0, "learning")
    if shares is None:
        return nothing
    return learning_curve(
        local.y,
        thinned(local.y, plan, shares, patients, settings.seed),
        lambda plan: scored(local, keys, plan, progress.step),
        reference=reference,
        method=method,
        resamples=settings.validation.resamples,
        clusters=patients,
        seed=settings.seed,
        note=note,
    )


def instability_of(
    local: Local, result: RunResult, rows: np.ndarray, note: Sentence | None, progress: Progress
) -> Instability:
    """The instability of the judged method.

    Parameters
    ----------
    local : Local
        The patients and the starting model.
    result : RunResult
        Whose method is fitted again and again.
    rows : ndarray of shape (m,)
        Positions of the patients to work with.
    note : Sentence or None
        Kept with it.
    progress : Progress
        Told of each refit.

    Returns
    -------
    Instability
    """
    settings, patients, y = local.settings, local.cohort.patients, local.y[rows]
    count = resamples_for(len(rows) * max(1, len(local.keys)))
    plan = resampled(y, count, None if patients is None else patients[rows], settings.seed)
    doing = say("Fitting the model again to {count} resamples of the patients", count=count)
    progress.stage(doing, len(plan.splits), "instability")
    method = judged(result)
    risks = scored(local, [method], among(plan, rows), progress.step)[method]
    return instability(
        y,
        risks,
        method=method,
        threshold=result.threshold,
        seed=settings.seed,
        note=note,
        counts=times_drawn(plan, len(y)),
    )


def among(plan: Plan, rows: np.ndarray) -> Plan:
    """A plan made for some of the patients, in positions of all."""
    splits = tuple(Split(split.repeat, rows[split.train], rows[split.test]) for split in plan.splits)
    return Plan(splits, rows[plan.rows], plan.repeats, plan.sentence)
