"""Fine-tuning a model of several classes, from a cohort to a verdict: the stages of a run, class by class."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from medtune.cohort.table import Cohort
from medtune.foundation.errors import RunError
from medtune.foundation.settings import Settings
from medtune.foundation.words import Sentence, say
from medtune.models.clinical import ClinicalModel
from medtune.models.same_classes import NO_SCORE, NO_SOURCE, NO_VALIDATION, class_difference
from medtune.runs.class_record import ClassResult
from medtune.runs.comparing import planned, scored
from medtune.runs.finished import Run
from medtune.runs.fitting import model_of_genes
from medtune.runs.gene_columns import slimmed
from medtune.runs.local import Local, starting_of
from medtune.runs.participants import classes_as
from medtune.runs.passports import passport_of, source_aggregates, versions, with_class_limits
from medtune.runs.progress import Progress
from medtune.runs.searching import fresh_watch, notes_on_searches
from medtune.tuning.candidates import objections_for_genes, usual_method
from medtune.tuning.classes.candidates import CLASS_TITLES, ClassCandidate, class_objections
from medtune.tuning.classes.comparison import ComparingClasses
from medtune.tuning.classes.likelihood import class_log_odds, class_risks
from medtune.tuning.classes.methods import make_class_method
from medtune.tuning.classes.update import base_class_log_odds
from medtune.tuning.classes.verdict import judge_classes, too_few_of_a_class
from medtune.tuning.update import blended
from medtune.tuning.verdict import Verdict

STAGES = (("patients", 1.0), ("comparison", 16.0), ("measures", 8.0), ("models", 2.0))


class LocalClasses(Local):
    """The local patients of a run of several classes; their numbers are those of the starting model."""

    def __init__(self, cohort: Cohort, base: ClinicalModel | None, settings: Settings) -> None:
        difference = None if base is None else class_difference(base.passport, cohort.classes)
        if difference is not None:
            raise RunError.of(difference)
        self.classes = cohort.classes if base is None else base.passport.classes
        super().__init__(classes_as(cohort, self.classes), base, settings)

    @property
    def counts(self) -> tuple[int, ...]:
        """Patients of each class."""
        return tuple(int(count) for count in np.bincount(self.y, minlength=len(self.classes)))

    def unfitted(self, key: str):
        """The estimator of a method, yet to be fitted."""
        told = {"base": self.base, "preparation": self.preparation, "source": self.source, "new": self.new}
        return make_class_method(key, self.settings, self.columns, budget=self.budget, **told, **self.lent)

    def _log_odds(self, frame) -> np.ndarray:
        return base_class_log_odds(self.base, frame, np.arange(len(self.classes)))

    def _look(self) -> None:
        """What tests and the case mix say of an original is told of an event alone."""
        if self.eta0 is not None and np.ptp(self.eta0, axis=0).max() < 1e-9:
            self.notes.append(say("The starting model gives every patient here the same risks."))


def tune_classes(
    cohort: Cohort,
    start_from: ClinicalModel | None,
    settings: Settings,
    progress: Progress,
    source: Cohort | None = None,
) -> Run:
    """Fine-tune a model of several classes to local patients and judge honestly whether that helped.

    Parameters
    ----------
    cohort : Cohort
        The local patients; it has `classes`.
    start_from : ClinicalModel or None
        A model of the same classes; None trains from scratch.
    settings : Settings
        Everything else.
    progress : Progress
        Told what is being done.
    source : Cohort, optional
        Refused: patients of the source are put to use for an event alone.

    Returns
    -------
    Run
        Its result is a `ClassResult`, its risks have the shape (repeats, m, K); nothing is explained.

    Raises
    ------
    MedtuneError
        When the cohort, the model and the settings do not fit together, with what to do.
    """
    if start_from is not None and not isinstance(start_from, ClinicalModel):
        raise RunError.of(NO_SCORE)
    if source is not None:
        raise RunError.of(NO_SOURCE)
    if settings.validates:
        raise RunError.of(NO_VALIDATION)
    settings = replace(settings, starting=starting_of(start_from, settings.starting))
    progress.plan(STAGES)
    progress.stage(say("Reading the patients and the starting model"), 1, "patients")
    return _ClassTuning(LocalClasses(cohort, start_from, settings), progress).run()


class _ClassTuning:
    """One run: each stage takes what those before it gave."""

    def __init__(self, local: LocalClasses, progress: Progress) -> None:
        self.local, self.settings, self.progress = local, local.settings, progress
        self.reference = "prevalence" if local.scratch else "original"
        self.notes = [*local.notes, *local.given_away]
        self.watch = fresh_watch(progress.folder) if local.settings.aids.search else None

    def run(self) -> Run:
        """All stages."""
        local = self.local
        why_not = class_objections(self.settings, local.counts, local.classes, len(local.keys), bool(local.new))
        why_not = objections_for_genes(why_not) if local.genes else why_not
        method = self._method(why_not)
        offered = [key for key, why in why_not.items() if why is None]
        if method not in offered:
            return self._unchanged(why_not)
        risks, rows, design = self._compare(offered)
        comparing = self._comparing(rows)
        measured = self._measure(comparing, risks)
        verdict = judge_classes(
            method,
            measured[method].comparison,
            measured[self.reference].performance,
            measured[method].performance,
            policy=self.settings.policy,
            from_scratch=local.scratch,
        )
        if verdict.chosen == "blended":
            tuned, original = self._scored_toward(verdict, risks), class_log_odds(risks["original"])
            risks["blended"] = class_risks(verdict.blend * tuned + (1 - verdict.blend) * original)
            measured["blended"] = comparing.measure("blended", risks["blended"])
        estimators = self._fit(offered, verdict)
        self.notes += () if self.watch is None else notes_on_searches(self.watch)
        candidates = [
            replace(measured[key], parameters=float(getattr(estimators.get(key), "parameters_", 0.0)))
            if key in measured
            else ClassCandidate(key, False, why_not[key])
            for key in (*why_not, *(["blended"] if "blended" in measured else []))
        ]
        models = with_class_limits(self._models(estimators, measured), local.y[rows], risks)
        return self._run(candidates, verdict, models, risks, rows, design, estimators[method])

    def _method(self, why_not: dict[str, Sentence | None]) -> str:
        """The method to judge: as chosen, unless a guard speaks against it or it is not made for classes."""
        usual = usual_method(self.settings.starting)
        chosen = self.settings.method or usual
        if self.local.scratch or chosen == usual:
            return usual
        unasked = say("It is not offered for several classes, or the starting model reads every predictor already.")
        why = why_not.get(chosen, unasked)
        if why is not None and why_not[usual] is None:
            template = "“{method}” is not offered here, so the averaged update was judged instead. {why}"
            self.notes.append(say(template, method=CLASS_TITLES[chosen], why=why))
            return usual
        return chosen

    def _compare(self, offered: list[str]) -> tuple[dict[str, np.ndarray], np.ndarray, Sentence]:
        local = self.local
        plan, notes = planned(local, offered, self.watch)
        self.notes += notes
        doing = say("Comparing methods on patients they were not fitted to")
        self.progress.stage(doing, len(plan.splits), "comparison")
        self.plan = plan
        return scored(local, offered, plan, self.progress.step), plan.rows, plan.sentence

    def _scored_toward(self, verdict: Verdict, risks: dict[str, np.ndarray]) -> np.ndarray:
        """Log-odds by the update that the chosen model goes toward, on the same patients, fitted to none of them."""
        key = verdict.goes_toward
        if key not in risks:
            self.progress.stage(say("Comparing a more cautious update"), len(self.plan.splits), key)
            return class_log_odds(scored(self.local, [key], self.plan, self.progress.step)[key])
        return class_log_odds(risks[key])

    def _comparing(self, rows: np.ndarray) -> ComparingClasses:
        local, patients = self.local, self.local.cohort.patients
        return ComparingClasses(
            local.y[rows],
            local.classes,
            self.reference,
            resamples=self.settings.validation.resamples,
            clusters=None if patients is None else patients[rows],
            seed=self.settings.seed,
        )

    def _measure(self, comparing: ComparingClasses, risks: dict[str, np.ndarray]) -> dict[str, ClassCandidate]:
        self.progress.stage(say("Measuring each method, with intervals"), len(risks), "measures")
        measured = {}
        for key in sorted(risks, key=lambda key: key != self.reference):
            measured[key] = comparing.measure(key, risks[key])
            self.progress.step()
        return measured

    def _fit(self, offered: list[str], verdict: Verdict) -> dict[str, object]:
        fitting = [key for key in offered if key != self.reference]
        self.progress.stage(say("Fitting each method on all patients"), len(fitting), "models")
        fitted, between = {}, verdict.chosen == "blended"
        for key in dict.fromkeys((*fitting, *([verdict.goes_toward] if between else []))):
            estimator = self.local.unfitted(key).fit(self.local.read_by(key), self.local.y)
            # Of a search only what came of it is kept.
            estimator = getattr(estimator, "best_estimator_", estimator)
            fitted[key] = slimmed(estimator) if self.local.genes else estimator
            self.progress.step()
        if between:
            fitted["blended"] = blended(fitted[verdict.goes_toward], verdict.blend)
        return {key: estimator for key, estimator in fitted.items() if key in (*fitting, "blended")}

    def _models(self, estimators: dict[str, object], measured: dict[str, ClassCandidate]) -> dict[str, ClinicalModel]:
        local = self.local
        models = {} if local.scratch else {"original": local.original}
        for key, estimator in estimators.items():
            passport = passport_of(key, local.cohort, local.base, measured[key].performance, None)
            if local.genes:
                models[key] = model_of_genes(local, estimator, passport)
                continue
            sums = source_aggregates(local.prepared, local.T, estimator.predict_proba(local.read), local.keys)
            models[key] = ClinicalModel(estimator, replace(passport, aggregates=sums))
        return models

    def _unchanged(self, why_not: dict[str, Sentence | None]) -> Run:
        """Too few of a class to change anything: the original is measured as it is."""
        local, guards = self.local, self.settings.guards
        rows, shares = np.arange(local.cohort.n), np.array(local.counts) / local.cohort.n
        risk = np.tile(shares, (len(rows), 1)) if local.scratch else class_risks(local.eta0)
        risks = {self.reference: risk[None]}
        measured = self._measure(self._comparing(rows), risks)
        policy = self.settings.policy
        verdict = too_few_of_a_class(local.counts, local.classes, policy, guards.averaged, local.scratch)
        nothing = say("Too few patients of one class to change anything.")
        candidates = [measured.get(key) or ClassCandidate(key, False, why or nothing) for key, why in why_not.items()]
        models = {} if local.scratch else {"original": local.original}
        design = say("all patients, since nothing was fitted to them")
        return self._run(candidates, verdict, models, risks, rows, design, None)

    def _run(self, candidates, verdict, models, risks, rows, design, tuned) -> Run:
        local = self.local
        self.progress.close()
        result = ClassResult(
            classes=local.classes,
            counts=local.counts,
            candidates=tuple(candidates),
            verdict=verdict,
            n=local.cohort.n,
            scored=len(rows),
            cohort=local.cohort.name,
            outcome=local.cohort.roles.outcome,
            starting=self.settings.starting.name,
            design=design,
            notes=tuple(self.notes),
            support=dict(getattr(tuned, "support_", {})),
            seconds=self.progress.seconds,
            versions=versions(),
            made=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        return Run(self.settings, result, models, risks, rows, None, local.cohort, None)
