"""The last block of the network tuned to the pictures of a run: on the same folds, kept only where it wins."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from medtune.cohort.preparation import make_preparation
from medtune.evaluation.headline import patient_log_loss
from medtune.evaluation.logistic import expit
from medtune.evaluation.resampling import Resamples
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, counted, say
from medtune.images.keeping import home_of_pictures, keys_of, open_picture, picture_file
from medtune.images.labels import PICTURE
from medtune.images.network import NETWORK, network_here
from medtune.images.tuned_network import log_odds_of, tune_network
from medtune.models.clinical import ClinicalModel
from medtune.runs.local import Local
from medtune.runs.passports import passport_of
from medtune.runs.progress import Progress
from medtune.tuning.candidates import TITLES, Candidate
from medtune.tuning.validation import Plan

KEY = "network"
COPIES = 4  # altered copies of each picture
MOST = 4_000  # pictures: with their copies 290 MB of maps, and half a minute of one core for each 100 in five folds
CHUNK = 32
STAGES = (("maps", 20.0), ("network", 60.0))


def why_no_network(local: Local) -> Sentence | None:
    """Why the network cannot be tuned to these patients; None where it can."""
    keys = keys_of(local.frame)
    if keys is None:
        return say("These patients have no pictures.")
    if not network_here():
        return say("The packages in requirements-images.txt are not installed here.")
    if not any(name in local.predictors for name in NETWORK):
        return say("These pictures were measured without the network; bring their archive again.")
    if len(keys) > MOST:
        template = "At most {most} pictures, since their maps are kept in memory; there are {there}."
        return say(template, most=MOST, there=len(keys))
    home = home_of_pictures()
    if not all(picture_file(home, key).exists() for key in keys):
        return say("The pictures of these patients are no longer kept; bring their archive again.")
    return None


class NetworkTrial:
    """Tunes the last block in each training fold, and once more on all patients where that has won.

    Parameters
    ----------
    local : Local
        The patients.
    progress : Progress
        Told of each part.

    Attributes
    ----------
    maps : ndarray of float16, shape (n, 1 + copies, 112, 8, 8)
        What the last block gets of each picture and its altered copies.
    """

    def __init__(self, local: Local, progress: Progress) -> None:
        self.local, self.progress = local, progress
        self.maps = np.empty(0, np.float16)

    def risks(self, plan: Plan) -> np.ndarray:
        """Risks of patients that no part of the network was tuned to; the first repeat alone, shape (1, m)."""
        from joblib import Parallel, cpu_count, delayed

        local = self.local
        self.maps = self._maps()
        splits = [split for split in plan.splits if split.repeat == 0]
        at = np.full(len(local.y), -1)
        at[plan.rows] = np.arange(len(plan.rows))
        found = np.full((1, len(plan.rows)), np.nan)
        self.progress.stage(say("Tuning the last block of the network in each training fold"), len(splits), "network")
        work = self._work()
        done = Parallel(n_jobs=min(cpu_count(), len(splits)), return_as="generator")(
            delayed(_scored)(*work, self.maps, split.train, split.test) for split in splits
        )
        for split, risk in zip(splits, done, strict=True):
            found[0, at[split.test]] = risk
            self.progress.step()
        return found

    def model(self, candidate: Candidate) -> tuple[ClinicalModel, int]:
        """The network tuned to all patients, and how many training rounds that took."""
        from medtune.images.last_block import MOST_EPOCHS

        local = self.local
        frame, y, preparation, how = self._work()
        self.progress.stage(say("Tuning the last block of the network to all pictures"), MOST_EPOCHS, "network_all")
        tuned, rounds = tune_network(frame, y, self.maps, preparation, **how, step=self.progress.step)
        passport = passport_of(KEY, local.cohort, local.base, candidate.performance, None)
        own = set(tuned.feature_names_in_)
        columns = tuple(column for column in passport.columns if column.name in own)
        if PICTURE not in {column.name for column in columns}:
            columns = (*columns, local.cohort.columns[PICTURE])
        said = say("It looks at the pictures themselves, so it can score nothing but archives of pictures.")
        passport = passport.with_(columns=columns, cohort=local.given, notes=(*passport.notes, said))
        return ClinicalModel(tuned, passport), rounds

    def _work(self) -> tuple:
        local, settings = self.local, self.local.settings
        others = tuple(column for column in local.columns if column.name not in NETWORK)
        preparation = make_preparation(others, settings.preparation)
        strength = settings.family.strength if settings.family.name == "logistic" else 1.0
        how = {"strength": strength, "patients": local.cohort.patients, "seed": settings.seed}
        return local.predictors, local.y, preparation, how

    def _maps(self) -> np.ndarray:
        from joblib import Parallel, cpu_count, delayed

        keys, home, seed = keys_of(self.local.frame), home_of_pictures(), self.local.settings.seed
        chunks = [slice(start, start + CHUNK) for start in range(0, len(keys), CHUNK)]
        self.progress.stage(say("Altering the pictures, and passing them through the network"), len(keys), "maps")
        found = Parallel(n_jobs=min(cpu_count(), len(chunks)), return_as="generator")(
            delayed(_maps_of)(home, keys[part], part.start, seed) for part in chunks
        )
        parts = []
        for one in found:
            parts.append(one)
            self.progress.step(len(one))
        return np.concatenate(parts)


def gain_over(y: np.ndarray, head: np.ndarray, network: np.ndarray, draws: Resamples) -> Estimate:
    """By how much the tuned network lowers the log-loss of another method on the same patients.

    Parameters
    ----------
    y : ndarray of shape (m,)
    head, network : ndarray of shape (repeats, m)
        Only the first repeat counts: the folds that both were scored on.
    draws : Resamples
        Of the same patients.

    Returns
    -------
    Estimate
        With a 95% interval; above 0 the network is better.
    """
    gain = patient_log_loss(y, head[:1]) - patient_log_loss(y, network[:1])
    drawn = draws.sums(gain[:, None])[:, 0] / draws.sums(np.ones((len(y), 1)))[:, 0]
    return Estimate.from_draws(float(gain.mean()), drawn)


def said_of(gain: Estimate, method: str, rounds: int | None) -> Sentence:
    """What came of tuning the network, for the notes of the run.

    Parameters
    ----------
    gain : Estimate
        From `gain_over`.
    method : str
        The method it was compared with.
    rounds : int or None
        Training rounds on all patients; None where it has not won.
    """
    told = {"method": TITLES[method], "gain": gain if gain.value >= 0 else gain.scaled(-1)}
    if rounds is None:
        template = (
            "Tuning the last block of the network lowers log-loss by {gain:.3f} against “{method}” on the same folds; "
            "these patients cannot settle it, so it is not kept."
            if gain.value > 0
            else "Tuning the last block of the network raises log-loss by {gain:.3f} against “{method}” on the same "
            "folds, so it is not kept."
        )
        return say(template, **told)
    return say(
        "Tuning the last block of the network won: it lowers log-loss by {gain:.3f} against “{method}” on the same "
        "folds. The network is kept ({rounds}) and can be chosen wherever a model is scored or saved.",
        rounds=counted(rounds, "1 training round", "{count} training rounds"),
        **told,
    )


def _scored(frame, y, preparation, how, maps, train, test) -> np.ndarray:
    """One fold: tuned to its training patients, scored on the others."""
    import torch

    torch.set_num_threads(1)  # each fold has a core of its own
    patients = how["patients"]
    how = {**how, "patients": None if patients is None else patients[train]}
    model, _ = tune_network(frame.iloc[train], y[train], maps[train], preparation, **how)
    return expit(log_odds_of(model, frame.iloc[test], maps[test]))


def _maps_of(home: Path, keys: Sequence[str], first: int, seed: int) -> np.ndarray:
    """Maps of some pictures and their altered copies, which are the same for the same place and seed."""
    import torch

    from medtune.images.last_block import altered_copy, maps_before

    torch.set_num_threads(1)
    pictures = []
    for place, key in enumerate(keys, start=first):
        pixels, rng = open_picture(home, key), np.random.default_rng([seed, place])
        pictures += [pixels, *(altered_copy(pixels, rng) for _ in range(COPIES))]
    found = maps_before(pictures)
    return found.reshape(len(keys), 1 + COPIES, *found.shape[1:])
