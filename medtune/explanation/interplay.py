"""Which columns act together in a model of trees: pairwise interactions, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from medtune.explanation.contributions import Explanation, importance
from medtune.explanation.exact import interactions_of, leaves_of
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say

AMONG, PAIRS = 15, 12  # columns looked at, the most important first, and pairs that are told
MOST, FEWEST = 300, 40  # patients
VISITS = 1.5e6  # leaves x patients; a few seconds on one core
NOTHING = 1e-9


@dataclass(frozen=True, eq=False)
class Pair:
    """Two columns that act together.

    Attributes
    ----------
    first, second : str
    strength : Estimate
        Mean size of what they do together beyond each by itself, with a bootstrap interval over patients.
    joint : ndarray of shape (patients,)
        That of each patient, in the unit of the contributions.
    """

    first: str
    second: str
    strength: Estimate
    joint: np.ndarray


@dataclass(frozen=True, eq=False)
class Interplay:
    """The interactions of a model.

    Attributes
    ----------
    pairs : tuple of Pair
        The strongest first; empty where the model is a sum of columns.
    partner : dict of str to str
        By column, the one it acts together with most.
    places : ndarray of int
        Who was looked at, as places in the explanation.
    note : Sentence
        What was looked at, or why there is nothing to see.
    """

    pairs: tuple[Pair, ...]
    partner: dict[str, str]
    places: np.ndarray
    note: Sentence


def interplay(model: Any, frame: pd.DataFrame, told: Explanation, seed: int = 0) -> Interplay:
    """The pairwise interactions of a model.

    Parameters
    ----------
    model : ClinicalModel or fitted classifier
    frame : DataFrame of shape (n, columns)
        The table that was explained.
    told : Explanation
        What `explain` gave for it.
    seed : int
        For the sample of patients and the bootstrap.

    Returns
    -------
    Interplay
        Of trees exactly (Shapley interaction values, Lundberg 2020 Nat Mach Intell 2:56); none where log-odds are
        a sum of columns; none either, and said so, where the model can only be asked.
    """
    from medtune.explanation.choice import choose

    rows = np.asarray(told.rows, dtype=int)
    method = choose(model, frame.iloc[rows], frame.iloc[rows], seed=seed)
    among = [name for name in _by_importance(told) if name in method.columns][:AMONG]
    if interactions_of(method, frame.iloc[rows[:1]], among) is None:
        return _nothing(say("Interactions are computed for models of trees; of this model they are not known."))
    if not leaves_of(method) or len(among) < 2:
        return _nothing(say("In this model every column acts by itself: log-odds are a sum over the columns."))
    count = int(np.clip(VISITS / leaves_of(method), FEWEST, MOST))
    places = np.arange(len(rows))
    if count < len(places):
        places = np.sort(np.random.default_rng(seed).choice(len(rows), count, replace=False))
    values = interactions_of(method, frame.iloc[rows[places]], among)
    return _told(values, among, places, seed)


def _told(values: np.ndarray, among: list[str], places: np.ndarray, seed: int) -> Interplay:
    one, two = np.triu_indices(len(among), 1)
    joint = 2 * values[:, one, two]
    size = np.abs(joint).mean(axis=0)
    order = [at for at in np.argsort(-size, kind="stable") if size[at] > NOTHING]
    if not order:
        return _nothing(say("In this model every column acts by itself: no two columns were found to act together."))
    partner: dict[str, str] = {}
    for at in order:
        first, second = among[one[at]], among[two[at]]
        partner.setdefault(first, second)
        partner.setdefault(second, first)
    shown = order[:PAIRS]
    names = tuple(str(at) for at in shown)
    strength = importance(names, joint[:, shown], seed)
    pairs = tuple(
        Pair(among[one[at]], among[two[at]], strength[name], joint[:, at])
        for name, at in zip(names, shown, strict=True)
    )
    note = say(
        "Exact for these trees, of {n} patients and the {k} columns that matter most.", n=len(places), k=len(among)
    )
    return Interplay(pairs, partner, places, note)


def _nothing(note: Sentence) -> Interplay:
    return Interplay((), {}, np.zeros(0, dtype=int), note)


def _by_importance(told: Explanation) -> list[str]:
    return sorted(told.columns, key=lambda name: -told.importance[name].value)
