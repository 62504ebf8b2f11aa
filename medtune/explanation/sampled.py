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
ORDERS_ALONE = 3
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
        # Against one other patient the orders alone vary, and few of them tell enough.
        most = ORDERS if len(self.background) > 1 else ORDERS_ALONE
        orders = np.clip(EVALUATIONS // (width * 50), FEWEST_ORDERS, most)
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
        orders = np.array([rng.permutation(k) for _ in range(self.orders)]).reshape(self.orders, k)
        # Asking once about much is far quicker than asking often.
        step = max(1, CELLS // (2 * max(1, k) ** 2 * max(1, n)))
        for start in range(0, self.orders, step):
            some = self._walk(both, n, n + start, orders[start : start + step])
            total += some.sum(axis=0)
            square += (some**2).sum(axis=0)
        mean = total / self.orders
        variance = np.clip(square / self.orders - mean**2, 0, None) / max(1, self.orders - 1)
        self.error = float(np.sqrt(variance.mean())) if variance.size else 0.0
        return Terms(self.columns, mean, float(self.ask(others).mean()))

    def middle(self, background: pd.DataFrame) -> np.ndarray:
        """Zero: the terms are relative to the background already."""
        return np.zeros(len(self.columns))

    def _walk(self, both: pd.DataFrame, n: int, first: int, orders: np.ndarray) -> np.ndarray:
        """Change of the prediction as each column of the patient comes in, shape (orders, n, k).

        Each order is walked forth and back, against a background patient of its own; the first of them is `first`.
        """
        count, k = orders.shape
        rank = np.argsort(orders, axis=1)
        # State s of the way forth holds the patient's first s columns; of the way back, the last s ones.
        forth = rank[:, None, :] < np.arange(k + 1)[:, None]
        states = np.concatenate([forth, ~forth[:, 1:-1]], axis=1)
        others = np.arange(first, first + count)
        f = np.empty((count, n, states.shape[1]))
        step = max(1, CELLS // (states.size or 1))
        for start in range(0, n, step):
            patients = np.arange(start, min(start + step, n))
            f[:, patients] = self._ask_states(both, patients, others, states)
        ahead, back = f[..., : k + 1], np.concatenate([f[..., k : k + 1], f[..., k + 1 :], f[..., :1]], axis=2)
        changes = (np.diff(ahead, axis=2) - np.diff(back, axis=2)) / 2
        return np.take_along_axis(changes, rank[:, None, :], axis=2)

    def _ask_states(
        self, both: pd.DataFrame, patients: np.ndarray, others: np.ndarray, states: np.ndarray
    ) -> np.ndarray:  # fmt: skip
        size = (len(others), len(patients), states.shape[1])
        mine, theirs = patients[None, :, None], others[:, None, None]
        mixed = {
            name: both[name].array.take(np.where(states[:, None, :, at], mine, theirs).ravel())
            for at, name in enumerate(self.columns)
        }
        return np.asarray(self.ask(pd.DataFrame(mixed)), dtype=float).reshape(size)


def _drawn(rng: np.random.Generator, available: int, wanted: int) -> np.ndarray:
    """Row numbers, each as often as any other."""
    rounds = [rng.permutation(available) for _ in range(-(-wanted // available))]
    return np.concatenate(rounds)[:wanted]
