"""Contributions in any other model, estimated by exchanging columns with other patients in random order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from medtune.explanation.exact import Terms
from medtune.foundation.words import Sentence, say

# Rows that may be scored in all; a forest of 200 trees takes about 7 s for these on one core.
EVALUATIONS = 120_000
ORDERS, FEWEST_ORDERS, MOST_ORDERS = 12, 2, 200
CELLS = 3_000_000


class Sampled:
    """A model that can only be asked.

    Parameters
    ----------
    columns : sequence of str
    ask : callable
        Rows of the columns to the prediction, shape (n,).
    background : DataFrame
        Patients to exchange columns with.
    scale : {"log-odds", "probability"}
    seed : int

    Notes
    -----
    Permutation sampling of the SHAP value (Strumbelj & Kononenko 2014 Knowl Inf Syst 41:647), each random order
    walked forth and back (Mitchell 2022 JMLR 23:43) with one background patient. All patients get the same orders
    and the same background patients, so the terms add up exactly to the difference from the background's mean.
    """

    def __init__(
        self,
        columns: Sequence[str],
        ask: Callable[[pd.DataFrame], np.ndarray],
        background: pd.DataFrame,
        scale: str = "log-odds",
        seed: int = 0,
    ):
        self.columns = tuple(columns)
        self.ask = ask
        self.background = background[list(columns)]
        self.scale = scale
        self.seed = seed
        self.error = np.nan
        self.orders = 0

    @property
    def note(self) -> Sentence:
        """The budget and the error."""
        end = (
            say("log-odds")
            if self.scale == "log-odds"
            else say("probability, because some risks are exactly 0 or 1 and have no log-odds")
        )
        return say(
            "The contributions are estimated from {orders} random orders of the columns, each against another patient;"
            " the typical standard error is {error:.2g} ({scale}).",
            orders=2 * self.orders,
            error=self.error,
            scale=end,
        )

    def patients(self, limit: int) -> int:
        """As many as the budget allows with the usual number of orders."""
        width = 2 * max(1, len(self.columns))
        orders = np.clip(EVALUATIONS // (width * 50), FEWEST_ORDERS, ORDERS)
        return int(min(limit, max(1, EVALUATIONS // (width * orders))))

    def terms(self, frame: pd.DataFrame) -> Terms:
        """Estimate the contributions, relative to the background."""
        frame = frame[list(self.columns)]
        n, k = frame.shape
        rng = np.random.default_rng(self.seed)
        affordable = EVALUATIONS // (2 * max(1, k) * max(1, n))
        self.orders = int(np.clip(affordable, FEWEST_ORDERS, MOST_ORDERS))
        chosen = _drawn(rng, len(self.background), self.orders)
        others = self.background.iloc[chosen]
        # Text columns of the two tables may differ in kind of string; as one table they are joined once.
        both = pd.concat([frame, others], ignore_index=True)
        total, square = np.zeros((n, k)), np.zeros((n, k))
        for order in range(self.orders):
            once = self._walk(both, n, n + order, rng.permutation(k))
            total += once
            square += once**2
        mean = total / self.orders
        variance = np.clip(square / self.orders - mean**2, 0, None) / max(1, self.orders - 1)
        self.error = float(np.sqrt(variance.mean())) if variance.size else 0.0
        return Terms(self.columns, mean, float(self.ask(others).mean()))

    def middle(self, background: pd.DataFrame) -> np.ndarray:
        """Zero: the terms are relative to the background already."""
        return np.zeros(len(self.columns))

    def _walk(self, both: pd.DataFrame, n: int, other: int, order: np.ndarray) -> np.ndarray:
        """Change of the prediction as each column of the patient comes in, in one order and in its reverse."""
        k = len(order)
        rank = np.empty(k, dtype=int)
        rank[order] = np.arange(k)
        # State s of the way forth holds the patient's first s columns; of the way back, the last s ones.
        forth = rank[None, :] < np.arange(k + 1)[:, None]
        states = np.vstack([forth, ~forth[1:-1]])
        changes = np.empty((n, k))
        step = max(1, CELLS // (len(states) * max(1, k)))
        for start in range(0, n, step):
            patients = np.arange(start, min(start + step, n))
            f = self._ask_states(both, patients, other, states)
            ahead, back = f[:, : k + 1], np.column_stack([f[:, k], f[:, k + 1 :], f[:, 0]])
            changes[patients[:, None], order] = (np.diff(ahead, axis=1) - np.diff(back, axis=1)) / 2
        return changes

    def _ask_states(self, both: pd.DataFrame, patients: np.ndarray, other: int, states: np.ndarray) -> np.ndarray:
        size = (len(patients), len(states))
        mixed = {
            name: both[name].array.take(np.where(states[None, :, at], patients[:, None], other).ravel())
            for at, name in enumerate(self.columns)
        }
        return np.asarray(self.ask(pd.DataFrame(mixed)), dtype=float).reshape(size)


def _drawn(rng: np.random.Generator, available: int, wanted: int) -> np.ndarray:
    """Row numbers, each as often as any other."""
    rounds = [rng.permutation(available) for _ in range(-(-wanted // available))]
    return np.concatenate(rounds)[:wanted]
