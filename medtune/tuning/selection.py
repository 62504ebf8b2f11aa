"""If one rung is wanted: the one-standard-error rule, and what it gains once corrected for having chosen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from medtune.evaluation.discrimination import auroc_draws
from medtune.evaluation.headline import patient_log_loss
from medtune.evaluation.resampling import Resamples
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say
from medtune.tuning.candidates import FROM_SCRATCH, TITLES

# Averages and mixtures of methods are no rung: choosing is what they avoid. A tuned network has a rule of its own, by
# which it is kept or not.
NO_RUNGS = ("averaged", "blended", "network")


@dataclass(frozen=True)
class Selection:
    """The one rung that the one-standard-error rule picks, and what picking by that rule is worth.

    Attributes
    ----------
    picked : str
        Key of the least complex rung that these patients do not tell from the best one.
    best : str
        Key of the rung with the lowest mean log-loss.
    shares : dict of str to float
        How often each rung is picked among resampled patients, least complex first.
    log_loss, auroc : Estimate
        Of the rule, on patients that took no part in the choice.
    gain : Estimate
        Gain of the rule in log-loss over the reference on those patients, above 0 is better.
    uncorrected : float
        Gain of the picked rung on the very patients it was picked on; flattering.
    resamples : int
        How many resamples of patients stand behind the numbers.
    """

    picked: str
    best: str
    shares: dict[str, float]
    log_loss: Estimate
    auroc: Estimate
    gain: Estimate
    uncorrected: float
    resamples: int

    @property
    def sentence(self) -> Sentence:
        """What the rule picks and how surely."""
        return say(
            "If a single method is wanted: “{method}” (1-SE rule; chosen in {share:.0%} of {count} resamples).",
            method=TITLES[self.picked],
            share=self.shares[self.picked],
            count=self.resamples,
        )

    @property
    def corrected(self) -> Sentence:
        """The numbers to report for a method that was selected."""
        return say(
            "Corrected for choosing, its gain in log-loss is {gain:.3f} and its AUROC {auroc:.2f}; "
            "uncorrected, the gain would look like {uncorrected:.3f}.",
            gain=self.gain,
            auroc=self.auroc,
            uncorrected=Estimate(self.uncorrected),
        )


def ladder(keys: Collection[str], reference: str) -> tuple[str, ...]:
    """The rungs among some methods, least complex first.

    Parameters
    ----------
    keys : collection of str
        Methods that were compared.
    reference : str
        ``original`` or ``prevalence``: no change at all.

    Returns
    -------
    tuple of str
        Begins with the reference. Models from scratch are rungs only where nothing else was compared.
    """
    others = [key for key in TITLES if key in keys and key not in (*NO_RUNGS, "original", "prevalence")]
    rungs = [key for key in others if key not in FROM_SCRATCH]
    return (reference, *(rungs or others))


def one_standard_error(losses: np.ndarray, units: np.ndarray | None = None) -> tuple[int, int]:
    """The least complex rung whose mean loss is within one standard error of the lowest.

    Parameters
    ----------
    losses : ndarray of shape (n, rungs)
        Log-loss of each row, least complex rung first.
    units : ndarray of shape (n,), int, optional
        Patient of each row, numbered from 0, where patients have several rows.

    Returns
    -------
    picked, best : int
        Columns of `losses`. With d the paired difference from the best rung, the first one with
        mean(d) <= sd(d) / sqrt(n), the error summed over whole patients where they have several rows.
    """
    losses = np.asarray(losses, dtype=float)
    size = losses.shape[0] if units is None else int(units.max()) + 1
    everyone = Resamples(np.ones((1, size), dtype=np.uint8), units, len(losses))
    picked, best = _rule(losses, everyone)
    return int(picked[0]), int(best[0])


def select(
    y: np.ndarray, risks: Mapping[str, np.ndarray], rungs: tuple[str, ...], draws: Resamples
) -> Selection | None:
    """Pick one rung, and correct its numbers for having been picked.

    Parameters
    ----------
    y : ndarray of shape (m,)
        Outcomes, 0 or 1.
    risks : mapping of str to ndarray of shape (repeats, m)
        Out-of-fold risks of each rung.
    rungs : tuple of str
        From `ladder`: the reference first.
    draws : Resamples
        Resamples of the same patients.

    Returns
    -------
    Selection or None
        None where there is nothing to choose between.

    Notes
    -----
    Bootstrap bias-corrected cross-validation (Tsamardinos 2018 Machine Learning 107:1895): in each resample the
    rule picks among the drawn patients and is scored on those not drawn. Means over the resamples are reported, with
    their percentiles; about a third of the patients score each resample, so the intervals are wide rather than narrow.
    """
    rungs = tuple(key for key in rungs if key in risks)
    if len(rungs) < 2 or not draws.size:
        return None
    losses = np.column_stack([patient_log_loss(y, risks[key]) for key in rungs])
    picked, best = one_standard_error(losses, draws.units if draws.clustered else None)
    chosen, _ = _rule(losses, draws)
    outside = Resamples((draws.counts == 0).astype(np.uint8), draws.units, draws.n, draws.grouped, draws.clustered)
    sums = outside.sums(np.column_stack([losses, np.ones(len(losses))]))
    with np.errstate(invalid="ignore", divide="ignore"):
        means = sums[:, :-1] / sums[:, -1:]
    scored = means[np.arange(draws.size), chosen]
    area = np.full(draws.size, np.nan)
    for place, key in enumerate(rungs):
        at = np.flatnonzero(chosen == place)
        if at.size:
            some = Resamples(outside.counts[at], outside.units, outside.n, outside.grouped, outside.clustered)
            area[at] = np.mean([auroc_draws(y, p, some) for p in risks[key]], axis=0)
    return Selection(
        picked=rungs[picked],
        best=rungs[best],
        shares={key: float(np.mean(chosen == place)) for place, key in enumerate(rungs)},
        log_loss=_mean(scored),
        auroc=_mean(area),
        gain=_mean(means[:, 0] - scored),
        uncorrected=float(losses[:, 0].mean() - losses[:, picked].mean()),
        resamples=draws.size,
    )


def _mean(draws: np.ndarray) -> Estimate:
    known = draws[np.isfinite(draws)]
    return Estimate.from_draws(float(known.mean()) if known.size else np.nan, draws)


def _rule(losses: np.ndarray, draws: Resamples) -> tuple[np.ndarray, np.ndarray]:
    """What the rule picks and which rung is best in each resample, from sums over units alone."""
    rows, rungs = losses.shape
    if draws.units is None:
        units, sizes = losses, np.ones(rows)
    else:
        size = draws.counts.shape[1]
        units = np.column_stack([np.bincount(draws.units, column, minlength=size) for column in losses.T])
        sizes = np.bincount(draws.units, minlength=size).astype(float)
    # Differences from the simplest rung are small numbers, so that their squares keep their digits.
    gaps = units - units[:, :1]
    first, second = np.triu_indices(rungs)
    columns = [gaps, gaps[:, first] * gaps[:, second], gaps * sizes[:, None], sizes[:, None], sizes[:, None] ** 2]
    parts = np.cumsum([0, *(part.shape[1] for part in columns)])
    sums = Resamples(draws.counts, None, len(units)).sums(np.hstack(columns))
    total, packed, weighed, n, squares = (sums[:, a:b] for a, b in pairwise(parts))
    means = total / n
    best = means.argmin(axis=1)
    product = np.empty((draws.size, rungs, rungs))
    product[:, first, second] = product[:, second, first] = packed
    at = np.arange(draws.size)
    gap = means - means[at, best][:, None]
    # Sum over units of (D - size * mean)^2, with D the unit's summed difference from the best rung.
    spread = np.einsum("bii->bi", product) - 2 * product[at, :, best] + product[at, best, best][:, None]
    spread -= 2 * gap * (weighed - weighed[at, best][:, None])
    spread += gap**2 * squares
    drawn = draws.counts.astype(np.int64).sum(axis=1, keepdims=True)
    error = np.sqrt(spread.clip(0) * drawn / np.maximum(drawn - 1, 1)) / n
    # The best rung itself always passes; rounding must not say otherwise.
    passes = gap <= error + 1e-15
    return passes.argmax(axis=1), best
