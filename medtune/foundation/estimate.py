"""A number with its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Estimate:
    """A value and the limits of its 95% confidence interval.

    Attributes
    ----------
    value, low, high : float
        In the unit of the measure; NaN where it cannot be had.
    """

    value: float
    low: float = math.nan
    high: float = math.nan

    @classmethod
    def from_draws(cls, value: float, draws: np.ndarray, level: float = 0.95) -> Estimate:
        """Percentile interval from resampled values.

        Parameters
        ----------
        value : float
            The estimate on the data as they are.
        draws : ndarray of shape (resamples,)
            The same measure on each resample; NaN draws are left out.
        level : float
            Coverage aimed at.

        Returns
        -------
        Estimate
            Limits are NaN when fewer than half of the draws are numbers.
        """
        usable = np.asarray(draws, dtype=float)
        usable = usable[np.isfinite(usable)]
        if usable.size < max(2, 0.5 * np.size(draws)):
            return cls(float(value))
        tail = (1 - level) / 2
        low, high = np.quantile(usable, [tail, 1 - tail])
        return cls(float(value), float(low), float(high))

    @property
    def known(self) -> bool:
        """Whether there is a value at all."""
        return math.isfinite(self.value)

    @property
    def bounded(self) -> bool:
        """Whether the interval could be had."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    def excludes(self, null: float = 0.0) -> bool:
        """Whether the interval lies wholly on one side of `null`; False when there is no interval."""
        return self.bounded and (self.low > null or self.high < null)

    def scaled(self, factor: float) -> Estimate:
        """The same estimate in another unit; a negative factor turns the interval round."""
        low, high = self.low * factor, self.high * factor
        return (
            Estimate(self.value * factor, min(low, high), max(low, high))
            if self.bounded
            else Estimate(self.value * factor)
        )

    def __format__(self, spec: str) -> str:
        spec = spec or ".3g"
        if not self.known:
            return "not available"
        text = format(self.value, spec)
        if self.bounded:
            text += f" ({format(self.low, spec)} to {format(self.high, spec)})"
        return text.replace("-", "\N{MINUS SIGN}")

    def __str__(self) -> str:
        return format(self, ".3f")
