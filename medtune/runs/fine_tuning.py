"""Fine-tuning from a cohort to a verdict, stage by stage; the same in a worker and from Python."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from medtune.cohort.conform import conform
from medtune.cohort.preparation import feature_keys, make_preparation
from medtune.cohort.table import Cohort
from medtune.evaluation.logistic import expit, logit
from medtune.evaluation.performance import Performance
from medtune.explanation.contributions import Explanation, explain
from medtune.foundation.errors import RunError
from medtune.foundation.settings import Settings, Starting
from medtune.foundation.words import Sentence, listed, say
from medtune.models.clinical import ClinicalModel
from medtune.models.starting import ScoreColumn
from medtune.runs.passports import columns_read, model_of_column, notes_on, passport_of, source_aggregates, versions
from medtune.runs.progress import Progress
from medtune.runs.record import Coefficient, RunResult
from medtune.tuning.candidates import FROM_SCRATCH, TITLES, Candidate, objections
from medtune.tuning.comparison import Comparing
from medtune.tuning.methods import make_method
from medtune.tuning.original_here import OriginalHere, original_here
from medtune.tuning.update import Update, base_log_odds, blended
from medtune.tuning.validation import out_of_fold, plan_validation
from medtune.tuning.verdict import Verdict, judge, too_few

Base = ClinicalModel | ScoreColumn | None
STAGES = (("patients", 1.0), ("comparison", 14.0), ("measures", 8.0), ("models", 2.0), ("explanation", 4.0))
EXPLAINED = 1000
POINTS = say(
    "Points have no risk of their own: logistic recalibration makes risks of them, "
    "and the comparison is with giving everyone the event rate."
)


@dataclass(frozen=True, eq=False)
class Run:
    """A finished fine-tuning, in memory.

    Attributes
    ----------
    settings : Settings
        All that was chosen.
    result : RunResult
        The comparison and the verdict.
    models : dict of str to ClinicalModel
        Every method fitted on all local rows, by key; both the original and the tuned one are among them.
    risks : dict of str to ndarray of shape (repeats, m)
        Out-of-fold risks of the patients in `rows`.
    rows : ndarray of shape (m,)
        Positions of these patients in the cohort that took part.
    explanation : Explanation or None
        Contributions to the chosen model's risks; None where nothing could be fitted.
    """

    settings: Settings
    result: RunResult
    models: dict[str, ClinicalModel]
    risks: dict[str, np.ndarray]
    rows: np.ndarray
    explanation: Explanation | None

    @property
    def verdict(self) -> Verdict:
        """Whether the tuned model is better here."""
        return self.result.verdict

    @property
    def model(self) -> ClinicalModel:
        """The model that the policy chose."""
        if self.verdict.chosen not in self.models:
            raise RunError("There is no model: {why}", why=self.verdict.headline)
        return self.models[self.verdict.chosen]

    @property
    def evaluation(self) -> Performance:
        """Performance of the chosen method on patients it was not fitted to."""
        return self.result.chosen.performance


def fine_tune(
    cohort: Cohort,
    start_from: ClinicalModel | ScoreColumn | str | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Run:
    """Fine-tune a model to local patients and judge honestly whether that helped.

    Parameters
    ----------
    cohort : Cohort
        The local patients.
    start_from : ClinicalModel, ScoreColumn, str or None
        A model, or the name of a column that holds a risk; None trains from scratch.
    settings : Settings, optional
        Everything else; its `starting` is set from `start_from`.
    progress : Progress, optional
        Told what is being done.

    Returns
    -------
    Run

    Raises
    ------
    MedtuneError
        When the cohort, the model and the settings do not fit together, with what to do.
    """
    base = ScoreColumn(start_from) if isinstance(start_from, str) else start_from
    settings = settings or Settings()
    settings = replace(settings, starting=_starting(base, settings.starting))
    progress = progress or Progress()
    progress.plan(STAGES)
    progress.stage(say("Reading the patients and the starting model"), 1, "patients")
    return _FineTuning(cohort, base, settings, progress).run()


def _starting(base: Base, chosen: Starting) -> Starting:
    if base is None:
        return Starting("scratch")
    if isinstance(base, ScoreColumn):
        return Starting("score_column", name=base.column, scale=base.scale)
    return replace(chosen, kind="model", model=chosen.model or base.passport.id, name=base.name)


class _FineTuning:
    """One run. What is known of the patients is set here; each stage below takes and gives the rest."""

    def __init__(self, cohort: Cohort, base: Base, settings: Settings, progress: Progress) -> None:
        self.base, self.settings, self.progress = base, settings, progress
        self.scratch = base is None
        # Without an original: from scratch, and from points, which have no risk until they are recalibrated.
        self.alone = not settings.starting.has_risk
        self.points = self.alone and not self.scratch
        self.reference = "prevalence" if self.alone else "original"
        self.notes: list[Sentence] = []
        self.cohort = cohort = self._taking_part(cohort)
        if self.points:
            self.base = base = base.settled(cohort.frame)
            self.notes.append(POINTS)
        self.y, self.frame, self.predictors = cohort.outcome, cohort.frame, cohort.predictors
        if len(np.unique(self.y)) < 2:
            raise RunError("All patients that take part have the same outcome, so nothing can be learnt from them.")
        self.columns = cohort.predictor_columns
        # Unscaled: the updates divide by the source's SDs themselves.
        self.source = base.passport.aggregates if isinstance(base, ClinicalModel) else None
        # Gaps are filled as the source filled them, where that is known: a local median of few patients is worse.
        fills = dict(self.source.fills) if self.source else None
        self.preparation = make_preparation(self.columns, replace(settings.preparation, scale="none"), fills=fills)
        self.prepared = self.preparation.fit(self.predictors, self.y)
        self.keys = list(feature_keys(self.prepared))
        self.eta0 = None if self.scratch else self._score()
        self.here = self._look()
        theirs = {c.name for c in base.columns} if isinstance(base, ClinicalModel) else set(self.predictors.columns)
        self.new = tuple(name for name in self.predictors.columns if name not in theirs)
        # What a finished model gets to see of a table, and nothing else: not the outcome, not the site.
        self.read = conform(self.frame, columns_read(base, cohort)).frame

    def run(self) -> Run:
        """All stages."""
        counts = self.cohort.n, self.cohort.events, len(self.keys)
        explained = self.here.cox_snell if self.here else None
        why_not = objections(self.settings, *counts, explained, bool(self.new))
        method = self._method(why_not)
        offered = [key for key, why in why_not.items() if why is None]
        if method not in offered:
            return self._unchanged(why_not)
        risks, rows, design = self._compare(offered)
        comparing = self._comparing(rows)
        measured = self._measure(comparing, risks)
        verdict = self._judge(method, measured)
        if verdict.chosen == "blended":
            mean = verdict.blend * logit(risks[method]) + (1 - verdict.blend) * logit(risks["original"])
            risks["blended"] = expit(mean)
            measured["blended"] = comparing.measure("blended", risks["blended"])
        estimators = self._fit(offered, method, verdict)
        models = self._models(estimators, measured)
        candidates = [
            replace(measured[key], parameters=float(getattr(estimators.get(key), "parameters_", 0.0)))
            if key in measured
            else Candidate(key, False, why_not[key])
            for key in (*why_not, *(["blended"] if "blended" in measured else []))
        ]
        tuned = estimators[method]
        return self._run(candidates, verdict, models, risks, rows, design, comparing.threshold, tuned)

    # -- the patients and the original --

    def _taking_part(self, cohort: Cohort) -> Cohort:
        if self.settings.preparation.duplicates == "drop":
            cohort = cohort.without_duplicates()
        self.notes += cohort.notes
        if isinstance(self.base, ScoreColumn) and self.base.column in cohort.frame:
            there = cohort.frame[self.base.column].notna().to_numpy()
            if not there.all():
                count = int((~there).sum())
                self.notes.append(
                    say("{count} patients without a risk in the score column were left out.", count=count)
                )
                cohort = cohort.take(there)
        return cohort

    def _score(self) -> np.ndarray:
        if isinstance(self.base, ClinicalModel):
            if self.base.passport.cohort == self.cohort.fingerprint:
                raise RunError(
                    "Model '{model}' was made from these very patients, so a comparison on them would flatter it; "
                    "choose other patients or another model.",
                    model=self.base.name,
                )
            self.notes += notes_on(self.base, self.frame)
        empty = [column.name for column in self.columns if column.missing >= 1]
        if empty:
            self.notes.append(
                say(
                    "No patient here has a value of {columns}: the starting model fills it by its own rule, "
                    "and nothing about it can be tuned.",
                    columns=listed(empty),
                )
            )
        return base_log_odds(self.base, self.frame)

    def _look(self) -> OriginalHere | None:
        """The original as it is here; what a reader must know of it goes into the notes."""
        if self.scratch:
            return None
        here = original_here(self.eta0, np.asarray(self.prepared.transform(self.predictors), float), self.y)
        if here is None:
            self.notes.append(say("The starting model gives every patient here the same risk."))
        elif here.slope <= 0:
            self.notes.append(say("The starting model ranks patients the wrong way round here: its slope is below 0."))
        return here

    def _method(self, why_not: dict[str, Sentence | None]) -> str:
        """The method to judge: as chosen, unless a guard speaks against it."""
        if self.scratch:
            return "scratch"
        if self.points:
            return next((m for m in (self.settings.method,) if why_not.get(m, POINTS) is None), "recalibration")
        chosen = self.settings.method or "averaged"
        nothing_new = say("The starting model reads every predictor already.")
        if why_not.get(chosen, nothing_new) is not None and why_not["averaged"] is None:
            template = "“{method}” is not offered here, so the averaged update was judged instead. {why}"
            self.notes.append(say(template, method=TITLES[chosen], why=why_not.get(chosen, nothing_new)))
            return "averaged"
        return chosen

    # -- comparison --

    def _unfitted(self, key: str):
        told = {"base": self.base, "preparation": self.preparation, "source": self.source, "new": self.new}
        return make_method(key, self.settings, self.columns, **told)

    def _compare(self, offered: list[str]) -> tuple[dict[str, np.ndarray], np.ndarray, Sentence]:
        cohort, settings = self.cohort, self.settings
        design = settings.validation
        plan = plan_validation(self.y, design, patients=cohort.patients, sites=cohort.site, seed=settings.seed)
        if design.design == "hold_out" and cohort.n < 1000:
            template = "One random split of {n} patients is a weak test; another split may say otherwise."
            self.notes.append(say(template, n=cohort.n))
        updates = [key for key in offered if key not in ("original", "prevalence", *FROM_SCRATCH)]
        doing = say("Comparing methods on patients they were not fitted to")
        self.progress.stage(doing, len(plan.splits), "comparison")
        risks = out_of_fold(
            self.predictors,
            self.y,
            self.eta0,
            plan,
            updates={key: self._unfitted(key) for key in updates},
            preparation=self.preparation,
            families={key: self._unfitted(key) for key in offered if key in FROM_SCRATCH},
            original=not self.alone,
            step=self.progress.step,
        )
        return risks, plan.rows, plan.sentence

    def _comparing(self, rows: np.ndarray) -> Comparing:
        y = self.y[rows]
        threshold = self.settings.threshold or float(np.clip(y.mean(), 0.01, 0.99))
        clusters = None if self.cohort.patients is None else self.cohort.patients[rows]
        resamples = self.settings.validation.resamples
        return Comparing(y, threshold, self.reference, resamples=resamples, clusters=clusters, seed=self.settings.seed)

    def _measure(self, comparing: Comparing, risks: dict[str, np.ndarray]) -> dict[str, Candidate]:
        self.progress.stage(say("Measuring each method, with intervals"), len(risks), "measures")
        measured = {}
        for key in sorted(risks, key=lambda key: key != self.reference):
            measured[key] = comparing.measure(key, risks[key])
            self.progress.step()
        return measured

    def _judge(self, method: str, measured: dict[str, Candidate]) -> Verdict:
        verdict = judge(
            method,
            measured[method].comparison,
            measured[self.reference].performance,
            measured[method].performance,
            policy=self.settings.policy,
            from_scratch=self.alone,
            points=self.points,
        )
        if not 0 < verdict.blend < 1:
            return verdict
        # Without an original there is nothing to blend with.
        return replace(verdict, chosen=method, blend=1.0) if self.alone else replace(verdict, chosen="blended")

    # -- models --

    def _fit(self, offered: list[str], method: str, verdict: Verdict) -> dict[str, object]:
        fitting = [key for key in offered if key != self.reference]
        self.progress.stage(say("Fitting each method on all patients"), len(fitting), "models")
        fitted = {}
        for key in fitting:
            estimator = self._unfitted(key).fit(self.read, self.y)
            # Of an aid to training, or a search, only what came of it is kept.
            fitted[key] = getattr(estimator, "recalibrated_", getattr(estimator, "best_estimator_", estimator))
            self.progress.step()
        if verdict.chosen == "blended":
            fitted["blended"] = blended(fitted[method], verdict.blend)
        return fitted

    def _models(self, estimators: dict[str, object], measured: dict[str, Candidate]) -> dict[str, ClinicalModel]:
        models = {} if self.alone else {"original": self._original()}
        for key, estimator in estimators.items():
            passport = passport_of(key, self.cohort, self.base, measured[key].performance, None)
            model = ClinicalModel(estimator, passport)
            sums = source_aggregates(self.prepared, self.predictors, model.risk(self.frame), self.keys)
            models[key] = ClinicalModel(estimator, replace(passport, aggregates=sums))
        return models

    def _original(self) -> ClinicalModel:
        return self.base if isinstance(self.base, ClinicalModel) else model_of_column(self.base, self.cohort)

    def _unchanged(self, why_not: dict[str, Sentence | None]) -> Run:
        """Too few events to change anything: the original is measured as it is."""
        rows = np.arange(self.cohort.n)
        risk = np.full(len(self.y), self.y.mean()) if self.alone else expit(self.eta0)
        risks = {self.reference: risk[None, :]}
        comparing = self._comparing(rows)
        measured = self._measure(comparing, risks)
        needed = self.settings.guards.recalibration if self.points else self.settings.guards.averaged
        counts = self.cohort.events, self.cohort.n
        verdict = too_few(*counts, self.settings.policy, self.alone, points=self.points, needed=needed)
        nothing = say("Too few events to change anything.")
        candidates = [measured.get(key) or Candidate(key, False, why or nothing) for key, why in why_not.items()]
        models = {} if self.alone else {"original": self._original()}
        design = say("all patients, since nothing was fitted to them")
        return self._run(candidates, verdict, models, risks, rows, design, comparing.threshold, None)

    # -- the end --

    def _run(self, candidates, verdict, models, risks, rows, design, threshold, tuned) -> Run:
        self.progress.stage(say("Explaining the chosen model in your own columns"), 1, "explanation")
        explanation = None
        if verdict.chosen in models:
            model = models[verdict.chosen]
            explanation = explain(model, self.frame, limit=EXPLAINED, seed=self.settings.seed)
        self.progress.step()
        self.progress.close()
        result = RunResult(
            candidates=tuple(candidates),
            verdict=verdict,
            n=self.cohort.n,
            events=self.cohort.events,
            scored=len(rows),
            cohort=self.cohort.name,
            outcome=self.cohort.roles.outcome,
            starting=self.settings.starting.name,
            threshold=threshold,
            design=design,
            notes=tuple(self.notes),
            support=dict(getattr(tuned, "support_", {})),
            coefficients=self._coefficients(tuned),
            original=self.here,
            seconds=self.progress.seconds,
            versions=versions(),
            made=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        return Run(self.settings, result, models, risks, rows, explanation)

    def _coefficients(self, tuned) -> tuple[Coefficient, ...]:
        if not isinstance(tuned, Update):
            return ()
        names = ["intercept", "slope", *(self.keys if tuned.deviation_.size else [])]
        return tuple(Coefficient(name, estimate) for name, estimate in zip(names, tuned.estimates(), strict=True))
