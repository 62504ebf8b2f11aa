"""What each result of a run depends on, as a digest under which a later run finds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from medtune.foundation.records import to_plain
from medtune.foundation.settings import Settings
from medtune.models.clinical import ClinicalModel
from medtune.runs.local import Local
from medtune.runs.stage_cache import digest_of
from medtune.tuning.candidates import FROM_SCRATCH
from medtune.tuning.validation import Plan

# Choices that no fit depends on. The design is in the plan, guards only say who takes part.
NEVER = ("policy", "method", "threshold", "guards", "validation")
FAMILY = ("family", "aids")
AVERAGING = ("averaging",)

# By method, the settings it does not depend on. A method that is not named here is never kept: whoever adds one says
# what it depends on, so that nothing stale is served by an oversight. Searches are not named: a clock may end them.
APART: dict[str, tuple[str, ...]] = {
    "averaged": FAMILY,
    "cautious": FAMILY,
    "intercept": (*FAMILY, *AVERAGING),
    "recalibration": (*FAMILY, *AVERAGING),
    "revision": (*FAMILY, *AVERAGING),
    "extension": (*FAMILY, *AVERAGING),
    "refit": (*FAMILY, *AVERAGING),
    "boosted": (*FAMILY, *AVERAGING),
    "pooled": (*FAMILY, *AVERAGING),
    "scratch": ("starting", "aids", *AVERAGING),
    "augmented": ("starting", *AVERAGING),
    "hard_examples": ("starting", *AVERAGING),
}


def digest_of_method(key: str, local: Local) -> str:
    """A digest of everything that a method fitted to given rows depends on.

    Parameters
    ----------
    key : str
        The method.
    local : Local
        The patients and the starting model.

    Returns
    -------
    str
        "" for a method that is not kept.

    Notes
    -----
    The starting model enters through what it says of these patients and the sums it carries of its own, so that
    another name, file or way to the same risks changes nothing.
    """
    if key not in APART:
        return ""
    base = () if key in FROM_SCRATCH else (local.eta0, to_plain(local.source), list(local.new))
    return digest_of(key, local.cohort.fingerprint, _relevant(local.settings, key), *base)


def digests_of_scores(keys: Sequence[str], local: Local, plan: Plan) -> dict[str, str]:
    """By method that is kept, a digest of what its risks on patients it was not fitted to depend on."""
    splits = [part for split in plan.splits for part in (split.train, split.test)]
    design = digest_of(plan.repeats, [split.repeat for split in plan.splits], *splits)
    methods = {key: digest_of_method(key, local) for key in keys}
    return {key: digest_of("scores", method, design) for key, method in methods.items() if method}


def digest_of_model(key: str, local: Local, *more: object) -> str:
    """A digest of what the finished model of a method depends on, and `more`; "" for a method that is not kept.

    Besides what it says of these patients, the starting model's passport: the finished model carries it inside.
    """
    if key != "original" and key not in APART:
        return ""
    method = digest_of_method(key, local) if key in APART else digest_of(local.cohort.fingerprint, local.eta0)
    passport = to_plain(local.base.passport) if isinstance(local.base, ClinicalModel) else None
    return digest_of("model", key, method, to_plain(local.settings.starting), passport, *more)


def _relevant(settings: Settings, key: str) -> dict[str, Any]:
    plain = to_plain(settings)
    for name in (*NEVER, *APART[key]):
        plain.pop(name)
    if "starting" in plain:
        # Neither its name nor its id in the library: what it says of the patients stands for it.
        plain["starting"] = {k: v for k, v in plain["starting"].items() if k not in ("name", "model")}
    return plain
