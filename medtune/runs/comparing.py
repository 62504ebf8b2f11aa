"""Every method of a run scored on patients it was not fitted to, for whatever asks: the verdict or a learning curve."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from medtune.runs.local import Local
from medtune.tuning.candidates import FROM_SCRATCH
from medtune.tuning.validation import Plan, out_of_fold


def scored(
    local: Local, keys: Sequence[str], plan: Plan, step: Callable[[], None] = lambda: None
) -> dict[str, np.ndarray]:
    """Risks of methods for patients they were not fitted to.

    Parameters
    ----------
    local : Local
        The patients and the starting model.
    keys : sequence of str
        The methods, see `medtune.tuning.candidates.TITLES`.
    plan : Plan
        Who is learnt from and who is scored.
    step : callable
        Called after each split.

    Returns
    -------
    dict of str to ndarray of shape (repeats, m)
        With what they are compared with, in the order of `plan.rows`.
    """
    updates = [key for key in keys if key not in ("original", "prevalence", *FROM_SCRATCH)]
    return out_of_fold(
        local.predictors,
        local.y,
        local.eta0,
        plan,
        updates={key: local.unfitted(key) for key in updates},
        preparation=local.preparation,
        families={key: local.unfitted(key) for key in keys if key in FROM_SCRATCH},
        source=None if local.at_hand is None else local.at_hand.rows(),
        original=not local.alone,
        step=step,
    )
