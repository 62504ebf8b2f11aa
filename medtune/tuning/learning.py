"""The learning curve: what each method gains with fewer patients, and where one overtakes another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from medtune.evaluation.headline import patient_log_loss
from medtune.evaluation.resampling import Resamples, cluster_numbers
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say
from medtune.tuning.candidates import TITLES
from medtune.tuning.validation import Plan, Split

SIZES = 5
SMALLEST_SHARE, LARGEST_FIRST_SHARE = 0.05, 0.6
ALPHA = 0.05

NO_CURVE = say("There are too few events for a learning curve: half of them would already be too few to tune with.")
NO_CROSSING = say("No crossing seen: at no number of patients is another method clearly ahead of “{method}”.")

LEADS = {
    "crossing": say("Below about {at} patients “{ahead}” is ahead of “{behind}”; above, it is behind."),
    "up to": say("Up to about {at} patients “{ahead}” is ahead of “{behind}”; with more, nothing settles it."),
    "from": say("From about {at} patients on “{ahead}” is ahead of “{behind}”; with fewer, nothing settles it."),
    "always": say("With any number of patients seen here “{ahead}” is ahead of “{behind}”."),
}


@dataclass(frozen=True)
class Lead:
    """One method ahead of another over a range of patients, beyond what chance explains.

    Attributes
    ----------
    ahead, behind : str
        Keys of the methods.
    where : str
        ``crossing`` (ahead below `at`, behind above it), ``up to``, ``from`` or ``always``.
    at : float
        Training patients.
    """

    ahead: str
    behind: str
    where: str
    at: float


@dataclass(frozen=True)
class LearningCurve:
    """Gain of each method against the number of patients it learnt from.

    Attributes
    ----------
    reference, method : str
        What the gain is over, and the method that was judged.
    patients, events : ndarray of shape (sizes,)
        Training patients and events among them, mean over the splits.
    gains : dict of str to tuple of Estimate
        Gain in log-loss of each method at each size, on the same patients that were left out; above 0 is better.
    leads : tuple of Lead
        What holds of the judged method beyond chance, over all sizes and methods together.
    note : Sentence or None
        What was left out or drawn to keep the work bounded.
    """

    reference: str
    method: str
    patients: np.ndarray
    events: np.ndarray
    gains: dict[str, tuple[Estimate, ...]] = field(default_factory=dict)
    leads: tuple[Lead, ...] = ()
    note: Sentence | None = None

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Where methods cross, or that no crossing is seen; then what is ahead of what."""
        if not self.gains:
            return ()
        crossed = _told([lead for lead in self.leads if lead.where == "crossing"])
        rest = _told([lead for lead in self.leads if lead.where != "crossing"])
        return (*(crossed or [say(NO_CROSSING.template, method=TITLES[self.method])]), *rest)


def _told(leads: Sequence[Lead]) -> list[Sentence]:
    """A sentence for each range of patients and each method that is ahead there, with all that it is ahead of."""
    groups: dict[tuple[str, int, str], list[str]] = {}
    for lead in leads:
        groups.setdefault((lead.where, rounded(lead.at), lead.ahead), []).append(lead.behind)
    return [
        say(LEADS[where].template, at=at, ahead=TITLES[ahead], behind=_all_of([TITLES[key] for key in behind]))
        for (where, at, ahead), behind in groups.items()
    ]


def _all_of(titles: Sequence[Sentence]) -> Sentence:
    """Several titles as one, for a sentence that puts quotation marks around it."""
    *others, last = titles
    if not others:
        return last
    before = others[0]
    for title in others[1:]:
        before = say("{before}”, “{title}", before=before, title=title)
    return say("{before}” and “{title}", before=before, title=last)


def rounded(patients: float) -> int:
    """A number of patients to two digits, as one speaks of about 140."""
    digits = max(0, len(str(int(patients))) - 2)
    return round(patients / 10**digits) * 10**digits


def repeats_of_curve(n: int) -> int:
    """How often the folds are cut and thinned anew; few, since the mean over patients is what counts."""
    return 4 if n < 200 else 3 if n < 1_000 else 1


def shares_for(y: np.ndarray, splits: Sequence[Split], needed: int) -> np.ndarray | None:
    """Shares of the training patients to learn from, the smallest first.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    splits : sequence of Split
    needed : int
        Events, and patients without the event, that the smallest share must hold.

    Returns
    -------
    ndarray of shape (5,) or None
        In equal ratios up to 1; None where even a large part would hold too few events.
    """
    rarer = min(min(int(y[s.train].sum()), int(len(s.train) - y[s.train].sum())) for s in splits)
    smallest = max((needed + 0.5) / max(rarer, 1), SMALLEST_SHARE)
    return np.geomspace(smallest, 1.0, SIZES) if smallest <= LARGEST_FIRST_SHARE else None


def thinned(
    y: np.ndarray, plan: Plan, shares: np.ndarray, patients: np.ndarray | None = None, seed: int = 0
) -> list[Plan]:
    """The same splits with fewer and fewer training patients, each set part of the next.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    plan : Plan
        Whose scored patients stay as they are.
    shares : ndarray of shape (k,)
        Shares of the training patients to keep; each keeps about the same event rate.
    patients : ndarray of shape (n,), optional
        Ids; all rows of one stay together.
    seed : int
        Of the order in which patients go.

    Returns
    -------
    list of k Plan
    """
    plans = [[] for _ in shares]
    for place, split in enumerate(plan.splits):
        order = _order(y, split.train, patients, np.random.default_rng([seed, place]))
        for kept, share in zip(plans, shares, strict=True):
            rows = split.train[order <= share + 1e-12]
            kept.append(Split(split.repeat, rows, split.test))
    return [Plan(tuple(kept), plan.rows, plan.repeats, plan.sentence) for kept in plans]


def _order(y, rows, patients, rng) -> np.ndarray:
    """Place of each row's patient in a random queue, 0 to 1, in which every stretch has about the same event rate."""
    units = np.arange(len(rows)) if patients is None else cluster_numbers(patients[rows], len(rows))
    ill = np.zeros(units.max() + 1, dtype=bool)
    np.logical_or.at(ill, units, y[rows] == 1)
    queue = np.empty(ill.size)
    for kind in (True, False):
        members = np.flatnonzero(ill == kind)
        queue[members] = (rng.permutation(members.size) + 1) / max(members.size, 1)
    return queue[units]


def repeated(plan: Plan, repeats: int) -> Plan:
    """The first repeats of a plan; one that has fewer is gone through again, to be thinned in another order.

    Parameters
    ----------
    plan : Plan
    repeats : int
        How many are wanted.

    Returns
    -------
    Plan
    """
    splits = [
        Split(at, split.train, split.test)
        for at in range(repeats)
        for split in plan.splits
        if split.repeat == at % plan.repeats
    ]
    return Plan(tuple(splits), plan.rows, repeats, plan.sentence)


def learning_curve(
    y: np.ndarray,
    plans: Sequence[Plan],
    scored: Callable[[Plan], Mapping[str, np.ndarray]],
    *,
    reference: str,
    method: str,
    resamples: int = 500,
    clusters: np.ndarray | None = None,
    seed: int = 0,
    note: Sentence | None = None,
) -> LearningCurve:
    """Gain of each method at each number of training patients.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    plans : sequence of Plan
        From `thinned`, the fewest patients first.
    scored : callable
        Out-of-fold risks of every method under a plan, shape (repeats, m) each, the reference among them.
    reference, method : str
        What gains are over, and whose leads are looked for.
    resamples, clusters, seed
        Of the patients that are scored, for the intervals; `clusters` has shape (n,).
    note : Sentence, optional
        Kept with the curve.

    Returns
    -------
    LearningCurve
        Intervals at each size are those of that size alone. A lead is said only where the difference from the judged
        method is beyond what chance explains at any size and for any method (the bootstrap's largest |t|).
    """
    rows = plans[0].rows
    draws = Resamples.draw(len(rows), resamples, seed, None if clusters is None else clusters[rows])
    gains: dict[str, list[np.ndarray]] = {}
    for plan in plans:
        risks = scored(plan)
        base = patient_log_loss(y[rows], risks[reference])
        for key, risk in risks.items():
            if key != reference:
                gains.setdefault(key, []).append(base - patient_log_loss(y[rows], risk))
    keys = list(gains)
    columns = np.column_stack([column for key in keys for column in gains[key]])
    drawn = draws.sums(np.column_stack([columns, np.ones(len(rows))]))
    drawn = (drawn[:, :-1] / drawn[:, -1:]).reshape(draws.size, len(keys), len(plans))
    means = columns.mean(axis=0).reshape(len(keys), len(plans))
    estimates = {
        key: tuple(Estimate.from_draws(means[at, size], drawn[:, at, size]) for size in range(len(plans)))
        for at, key in enumerate(keys)
    }
    trained = [[len(s.train) for s in plan.splits] for plan in plans]
    with_event = [[y[s.train].sum() for s in plan.splits] for plan in plans]
    sizes = np.mean(trained, axis=1)
    leads = _leads(keys, method, reference, sizes, means, drawn) if method in keys else ()
    return LearningCurve(reference, method, sizes, np.mean(with_event, axis=1), estimates, leads, note)


def _leads(keys, method, reference, sizes, means, drawn) -> tuple[Lead, ...]:
    judged = keys.index(method)
    others = [at for at in range(len(keys)) if at != judged]
    # The reference itself gains nothing over itself.
    gap = np.concatenate([means[judged][None], means[judged] - means[others]])
    spread = np.concatenate([drawn[:, judged][:, None], drawn[:, [judged]] - drawn[:, others]], axis=1) - gap
    error = spread.std(axis=0)
    known = error > 1e-12
    if not known.any():
        return ()
    with np.errstate(invalid="ignore", divide="ignore"):
        largest = np.nanmax(np.where(known, np.abs(spread) / error, np.nan).reshape(len(drawn), -1), axis=1)
    limit = np.quantile(largest, 1 - ALPHA) * error
    signs = np.where(known & (np.abs(gap) > limit), np.sign(gap), 0).astype(int)
    names = [reference, *(keys[at] for at in others)]
    found = (_lead(method, name, sizes, gap[at], signs[at]) for at, name in enumerate(names))
    return tuple(lead for lead in found if lead is not None)


def _lead(method: str, other: str, sizes: np.ndarray, gap: np.ndarray, signs: np.ndarray) -> Lead | None:
    ahead, behind = np.flatnonzero(signs > 0), np.flatnonzero(signs < 0)
    if not ahead.size and not behind.size:
        return None
    if ahead.size and behind.size:
        first, then = (method, other) if ahead[0] < behind[0] else (other, method)
        before, after = (ahead, behind) if ahead[0] < behind[0] else (behind, ahead)
        if before[-1] > after[0]:
            return None  # to and fro: nothing that could be said in a sentence
        return Lead(first, then, "crossing", _crossed(sizes, gap, before[-1], after[0]))
    where = ahead if ahead.size else behind
    first, then = (method, other) if ahead.size else (other, method)
    if where[0] == 0 and where[-1] == len(sizes) - 1:
        return Lead(first, then, "always", float(sizes[0]))
    if where[0] == 0:
        return Lead(first, then, "up to", float(sizes[where[-1]]))
    return Lead(first, then, "from", float(sizes[where[0]])) if where[-1] == len(sizes) - 1 else None


def _crossed(sizes: np.ndarray, gap: np.ndarray, left: int, right: int) -> float:
    """Where the mean difference changes its sign between two sizes, patients counted in ratios."""
    for at in range(left, right):
        if np.sign(gap[at]) != np.sign(gap[at + 1]):
            share = gap[at] / (gap[at] - gap[at + 1])
            return float(sizes[at] * (sizes[at + 1] / sizes[at]) ** share)
    return float(np.sqrt(sizes[left] * sizes[right]))
