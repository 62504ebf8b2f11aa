"""Compare treatment options in a cohort: what differs, for whom, and what the design allows one to call it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from medtune.cohort.preparation import feature_keys, make_preparation
from medtune.cohort.table import Cohort
from medtune.cohort.values import as_levels
from medtune.evaluation.intervals import wilson
from medtune.foundation.errors import RolesError
from medtune.foundation.estimate import Estimate
from medtune.foundation.settings import Settings
from medtune.foundation.words import Sentence, listed, say
from medtune.treatment.balance import UNBALANCED, WARN, WITHHOLD, balance, beyond_chance, outside_overlap
from medtune.treatment.benefit import policy_curve, risk_quarters
from medtune.treatment.options import options_of
from medtune.treatment.record import Contrast, Option, TreatmentResult
from medtune.treatment.risk_model import RiskModel, fit_risk_model, interaction_test
from medtune.treatment.scores import NORMAL, Scores, cross_fitted

FEWEST = 20
FOR_ONE_PATIENT = 100
DIFFERS = 0.05


@dataclass(frozen=True, eq=False)
class Given:
    """Who had which option.

    Attributes
    ----------
    cohort : Cohort
        Patients whose option is known and common enough.
    names : tuple of str
        The options, the reference first.
    arm : ndarray of int, shape (n,)
        Position of each patient's option in `names`.
    notes : tuple of Sentence
    """

    cohort: Cohort
    names: tuple[str, ...]
    arm: np.ndarray
    notes: tuple[Sentence, ...]


@dataclass(frozen=True, eq=False)
class TreatmentComparison:
    """A finished comparison, in memory.

    Attributes
    ----------
    result : TreatmentResult
    rows : ndarray of int, shape (n,)
        Where each patient stood in the table.
    risk : ndarray of shape (n, arms, 3)
        Risk of each patient under each option, with its limits.
    difference : ndarray of shape (n, arms, 3)
        Risk under each option less that under the reference, with its limits.
    """

    result: TreatmentResult
    rows: np.ndarray
    risk: np.ndarray
    difference: np.ndarray


def given(cohort: Cohort, reference: str = "") -> Given:
    """Who had which option; patients without one, or with a rare one, take no part.

    Parameters
    ----------
    cohort : Cohort
        With a treatment column.
    reference : str
        The option the others are compared with; the most common one when empty.

    Returns
    -------
    Given

    Raises
    ------
    RolesError
        When there is nothing to compare.
    """
    column, counts = cohort.roles.treatment, options_of(cohort)
    if column is None:
        raise RolesError("No column says which treatment was given; choose one on the data page.")
    common = [name for name, count in counts.items() if count >= FEWEST]
    if len(counts) < 2:
        raise RolesError(
            "All patients in '{column}' had the same treatment, so there is nothing to compare it with; "
            "choose another column.",
            column=column,
        )
    if len(common) < 2:
        raise RolesError(
            "Fewer than two options of '{column}' were given to {fewest} patients or more; choose another column.",
            column=column,
            fewest=FEWEST,
        )
    if len(common) > 10:
        raise RolesError(
            "Column '{column}' has {count} different values; a treatment has at most 10 options.",
            column=column,
            count=len(common),
        )
    if reference and reference not in common:
        raise RolesError("The option to compare with is not among those of '{column}'; choose another.", column=column)
    names = tuple(sorted(common, key=lambda name: (name != (reference or common[0]), common.index(name))))
    levels = as_levels(cohort.frame[column])
    takes_part = levels.isin(names).to_numpy()
    notes = []
    if not takes_part.all():
        notes.append(
            say(
                "Left out, without a treatment or with one that fewer than {fewest} patients had: {count} of {n}.",
                fewest=FEWEST,
                count=int((~takes_part).sum()),
                n=cohort.n,
            )
        )
    place = {name: at for at, name in enumerate(names)}
    arm = levels[takes_part].map(place).to_numpy(dtype=int)
    return Given(cohort.take(takes_part) if notes else cohort, names, arm, tuple(notes))


def compare_treatments(cohort: Cohort, settings: Settings | None = None) -> TreatmentComparison:
    """Compare the options of the treatment column.

    Parameters
    ----------
    cohort : Cohort
        With a treatment column that is not among the predictors.
    settings : Settings, optional
        Its `treatment`, `preparation` and `seed` are read.

    Returns
    -------
    TreatmentComparison

    Raises
    ------
    MedtuneError
        When there is nothing to compare, with what to do.

    Notes
    -----
    Average effect: cross-fitted augmented inverse-probability weighting; for one patient: risk modelling (PATH
    statement, Kent 2020 Ann Intern Med 172:35).
    """
    settings = settings or Settings()
    chosen = settings.treatment
    known = len(cohort.notes)
    cohort = cohort.without_duplicates(settings.preparation.duplicates)
    gone = cohort.notes[known:]
    who = given(cohort, chosen.reference)
    cohort, y, arm, arms = who.cohort, who.cohort.outcome, who.arm, len(who.names)
    if len(np.unique(y)) < 2:
        raise RolesError("All patients that take part have the same outcome, so options cannot be told apart.")
    preparation = make_preparation(cohort.predictor_columns, replace(settings.preparation, scale="none"))
    scores = cross_fitted(
        cohort.predictors,
        y,
        arm,
        arms,
        preparation,
        reference=0,
        randomised=chosen.design == "randomised",
        seed=settings.seed,
        patients=cohort.patients,
    )
    prepared = preparation.fit(cohort.predictors, y)
    T = np.asarray(prepared.transform(cohort.predictors), float)
    outside = 0.0 if chosen.design == "randomised" else outside_overlap(scores.chance)
    withheld = _withheld(outside)
    p = interaction_test(T, y, arm, arms, 0)
    differing = p < DIFFERS
    model = fit_risk_model(T, y, arm, arms, 0, differing)
    contrasts = () if withheld else _contrasts(who, scores, T, list(feature_keys(prepared)), differing)
    options = _options(who)
    result = TreatmentResult(
        treatment=cohort.roles.treatment,
        outcome=cohort.roles.outcome,
        cohort=cohort.name,
        reference=who.names[0],
        design=chosen.design,
        n=cohort.n,
        events=cohort.events,
        options=options,
        contrasts=contrasts,
        outside=outside,
        interaction=p,
        withheld=withheld,
        individual=withheld or _not_for_one(options),
        headline=withheld or _headline(contrasts, who.names[0], chosen.design == "randomised"),
        notes=(*gone, *who.notes, *_notes(chosen.design, outside, contrasts, p, options)),
        made=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return TreatmentComparison(result, cohort.rows, *_for_each(model, T, arms))


def _for_each(model: RiskModel, T: np.ndarray, arms: int) -> tuple[np.ndarray, np.ndarray]:
    risk = [np.column_stack([model.risk(T, a), model.risk_limits(T, a)]) for a in range(arms)]
    difference = [model.difference(T, a, 0) for a in range(arms)]
    return np.stack(risk, axis=1), np.stack(difference, axis=1)


def _options(who: Given) -> tuple[Option, ...]:
    found = []
    for at, name in enumerate(who.names):
        y = who.cohort.outcome[who.arm == at]
        low, high = wilson(y.sum(), len(y))
        found.append(Option(name, len(y), int(y.sum()), Estimate(float(y.mean()), float(low), float(high))))
    return tuple(found)


def _contrasts(who: Given, scores: Scores, T: np.ndarray, keys: list[str], differing: bool) -> tuple[Contrast, ...]:
    y, arm, patients = who.cohort.outcome, who.arm, who.cohort.patients
    common = fit_risk_model(T, y, arm, len(who.names), 0)
    # Where the test allows it, each option's own model says who benefits; it did not see the patient either.
    predicted = scores.risk if differing else scores.common
    found = []
    for at, name in enumerate(who.names[1:], start=1):
        difference = predicted[:, at] - predicted[:, 0]
        found.append(
            Contrast(
                name,
                scores.effect(at, 0, clusters=patients),
                _plain_difference(y[arm == at], y[arm == 0]),
                common.odds_ratio(at),
                risk_quarters(scores, difference, at, 0, patients),
                policy_curve(scores, -difference, at, 0, patients),
                balance(T, keys, arm, scores.chance, at, 0),
            )
        )
    return tuple(found)


def _plain_difference(first: np.ndarray, second: np.ndarray) -> Estimate:
    difference = float(first.mean() - second.mean())
    half = NORMAL * float(np.sqrt(first.var() / len(first) + second.var() / len(second)))
    return Estimate(difference, difference - half, difference + half)


# -- what may be said --


def _withheld(outside: float) -> Sentence | None:
    if outside <= WITHHOLD:
        return None
    return say(
        "No comparison is shown: {share:.0%} of the patients could hardly have had one of the options. "
        "Use only patients who could have had any of them.",
        share=outside,
    )


def _not_for_one(options: tuple[Option, ...]) -> Sentence | None:
    fewest = min(option.events for option in options)
    if fewest >= FOR_ONE_PATIENT:
        return None
    return say(
        "For one patient nothing is shown: that takes {needed} events under each option, and one has {there}.",
        needed=FOR_ONE_PATIENT,
        there=fewest,
    )


def _headline(contrasts: tuple[Contrast, ...], reference: str, randomised: bool) -> Sentence:
    if len(contrasts) > 1:
        return _headline_of_many(contrasts, reference, randomised)
    (only,) = contrasts
    if not only.effect.excludes(0):
        template = (
            "“{option}” against “{reference}”: {points:+.1f} points; these patients cannot settle whether they differ."
            if randomised
            else "Patients with “{option}” differ from “{reference}” by {points:+.1f} points: an association that these"
            " patients cannot tell from none."
        )
    elif randomised:
        template = "“{option}” changes the event rate by {points:+.1f} points against “{reference}”."
    else:
        template = (
            "Patients with “{option}” differ from “{reference}” by {points:+.1f} points: an association, not an effect."
        )
    return say(template, option=only.option, reference=reference, points=only.effect.scaled(100))


def _headline_of_many(contrasts: tuple[Contrast, ...], reference: str, randomised: bool) -> Sentence:
    differ = [contrast for contrast in contrasts if contrast.effect.excludes(0)]
    if not differ:
        template = (
            "These patients cannot settle whether any option differs from “{reference}”."
            if randomised
            else "These patients cannot settle whether any option is associated with an event rate other than that"
            " with “{reference}”."
        )
        return say(template, reference=reference)
    if len(differ) > 1:
        template = (
            "Against “{reference}” these options change the event rate: {options}."
            if randomised
            else "The event rate differs from “{reference}” with {options}: an association, not an effect."
        )
        return say(template, reference=reference, options=listed([contrast.option for contrast in differ]))
    (only,) = differ
    template = (
        "“{option}” changes the event rate by {points:+.1f} points against “{reference}”; "
        "of the others no difference is shown."
        if randomised
        else "Only “{option}” differs from “{reference}”, by {points:+.1f} points: an association, not an effect."
    )
    return say(template, option=only.option, reference=reference, points=only.effect.scaled(100))


def _notes(
    design: str, outside: float, contrasts: tuple[Contrast, ...], p: float, options: tuple[Option, ...]
) -> list[Sentence]:
    notes = []
    sizes = {option.name: option.n for option in options}
    pairs = [(contrast.balance, sizes[contrast.option], options[0].n) for contrast in contrasts]
    apart = beyond_chance(pairs) if design == "randomised" else []
    if apart:
        template = (
            "Chance would hardly make the groups differ so much in {names}: leave out what was known only after the "
            "treatment was chosen, and make sure that chance decided who got what."
        )
        notes.append(say(template, names=listed(apart)))
    if design != "randomised":
        notes.append(
            say(
                "The treatment was not given by chance, or that is unknown: what is measured may also explain who "
                "was given what, and what is not measured stays hidden."
            )
        )
    if WARN < outside <= WITHHOLD:
        notes.append(
            say("{share:.0%} of the patients could hardly have had one of the options; they weaken it.", share=outside)
        )
    unbalanced = sorted({b.name for c in contrasts for b in c.balance if abs(b.after) > UNBALANCED})
    if unbalanced:
        notes.append(say("Still unbalanced after weighting, by more than 0.1 SD: {names}.", names=listed(unbalanced)))
    if not contrasts:  # nothing is shown, so nothing is said of how it was worked out
        return notes
    if np.isfinite(p):
        notes.append(
            say("The relative effect differs between patients (one test of all predictors, p = {p:.3f}).", p=p)
            if p < DIFFERS
            else say("No sign that the relative effect differs between patients (p = {p:.2f}): one is used.", p=p)
        )
    else:
        notes.append(say("Too few events to test whether the relative effect differs between patients: one is used."))
    return notes
