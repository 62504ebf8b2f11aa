"""Whether a measure differs between hospitals: a random-effects mean, the spread, and where a new one may lie."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from medtune.evaluation.intervals import normal_quantile
from medtune.foundation.estimate import Estimate

# The scale on which sites spread about normally: to it, and back.
SCALES = {
    "auroc": (lambda x: np.log(x / (1 - x)), lambda x: 1 / (1 + np.exp(-x))),
    "sensitivity": (lambda x: np.log(x / (1 - x)), lambda x: 1 / (1 + np.exp(-x))),
    "oe": (np.log, np.exp),
    "slope": (lambda x: np.asarray(x, dtype=float), lambda x: x),
}


@dataclass(frozen=True)
class Heterogeneity:
    """How much a measure differs between sites beyond chance.

    Attributes
    ----------
    sites : int
        Sites with an estimate and an interval.
    mean : Estimate
        Random-effects mean over sites.
    prediction : Estimate
        The same mean with the range in which a further site is expected (95%); no range below three sites.
    lowest, highest : float
        Of the sites' estimates.
    tau2 : float
        Variance between sites, on the scale of the measure: log-odds for AUROC and sensitivity, log for O/E.
    i2 : float
        Share of the variation between sites that is more than chance, 0 to 1.
    p : float
        Of Cochran's test that there is no more than chance.
    """

    sites: int
    mean: Estimate
    prediction: Estimate
    lowest: float
    highest: float
    tau2: float
    i2: float
    p: float = math.nan


def heterogeneity(estimates: Sequence[Estimate], measure: str = "slope") -> Heterogeneity | None:
    """Random-effects meta-analysis of one measure over sites.

    Parameters
    ----------
    estimates : sequence of Estimate
        One for each site; those without an interval are left out. A standard error is taken from the interval.
    measure : str
        A key of `SCALES`, which says on which scale sites are pooled.

    Returns
    -------
    Heterogeneity or None
        None with fewer than two usable sites.

    Notes
    -----
    DerSimonian & Laird 1986 Control Clin Trials 7:177; interval of the mean by Wald; prediction interval with t on
    k - 2 degrees of freedom, Higgins 2009 J R Stat Soc A 172:137; for prediction models Debray 2019 Stat Methods Med
    Res 28:2768.
    """
    to_scale, back = SCALES[measure]
    usable = [e for e in estimates if e.known and e.bounded]
    with np.errstate(all="ignore"):
        value, low, high = (to_scale(np.array([getattr(e, part) for e in usable])) for part in ("value", "low", "high"))
        variance = ((high - low) / (2 * normal_quantile())) ** 2
    kept = np.isfinite(value) & np.isfinite(variance) & (variance > 0) if usable else np.zeros(0, bool)
    if kept.sum() < 2:
        return None
    value, variance = value[kept], variance[kept]
    mean, error, tau2, i2 = pooled(value, variance)
    spread = _t_quantile(value.size - 2) * math.sqrt(tau2 + error**2) if value.size > 2 else math.nan
    z = normal_quantile() * error
    limits = [float(back(x)) for x in (mean - z, mean, mean + z)]
    range_ = [float(back(x)) for x in (mean - spread, mean + spread)]
    own = back(value)
    return Heterogeneity(
        sites=value.size,
        mean=Estimate(limits[1], limits[0], limits[2]),
        prediction=Estimate(limits[1], *range_),
        lowest=float(own.min()),
        highest=float(own.max()),
        tau2=tau2,
        i2=i2,
        p=_chance(value, variance),
    )


def pooled(value: np.ndarray, variance: np.ndarray) -> tuple[float, float, float, float]:
    """DerSimonian-Laird's random-effects mean.

    Parameters
    ----------
    value, variance : ndarray of shape (k,)
        Estimates and their squared standard errors.

    Returns
    -------
    mean, error, tau2, i2 : float
        Mean and its standard error, variance between sites, and the share of the variation that it is.
    """
    weight = 1 / variance
    fixed = weight @ value / weight.sum()
    q = float(weight @ (value - fixed) ** 2)
    df = value.size - 1
    tau2 = max(0.0, (q - df) / float(weight.sum() - weight @ weight / weight.sum()))
    i2 = max(0.0, (q - df) / q) if q > 0 else 0.0
    weight = 1 / (variance + tau2)
    return float(weight @ value / weight.sum()), float(1 / math.sqrt(weight.sum())), tau2, i2


def _chance(value: np.ndarray, variance: np.ndarray) -> float:
    from scipy.special import chdtrc

    gap = value - (value / variance).sum() / (1 / variance).sum()
    return float(chdtrc(value.size - 1, (gap**2 / variance).sum()))


def _t_quantile(df: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(df, 0.975))
