"""Fine-tuning from a cohort to a verdict, stage by stage; the same in a worker and from Python."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from medtune.cohort.table import Cohort
from medtune.evaluation.closer import look_closer
from medtune.evaluation.logistic import expit, logit
from medtune.explanation.contributions import Explanation, explain
from medtune.foundation.errors import RunError
from medtune.foundation.settings import Settings
from medtune.foundation.words import Sentence, say
from medtune.models.clinical import ClinicalModel
from medtune.models.same_classes import class_difference
from medtune.models.starting import ScoreColumn
from medtune.runs.class_tuning import tune_classes
from medtune.runs.comparing import measure, planned, scored
from medtune.runs.dependence import digest_of_model
from medtune.runs.finished import Run
from medtune.runs.fitting import coefficients_of, fit_methods, said_of, with_passports
from medtune.runs.local import POINTS, Local, starting_of
from medtune.runs.passports import versions, with_bands
from medtune.runs.picture_network import KEY as NETWORK
from medtune.runs.picture_network import STAGES as OF_NETWORK
from medtune.runs.picture_network import NetworkTrial, gain_over, why_no_network
from medtune.runs.picture_network import said_of as said_of_network
from medtune.runs.progress import Progress
from medtune.runs.record import RunResult
from medtune.runs.retention import retention
from medtune.runs.searching import fresh_watch, notes_on_searches
from medtune.runs.stage_cache import StageCache
from medtune.runs.subsampling import subsampled
from medtune.tuning.candidates import TITLES, Candidate, objections, objections_for_genes
from medtune.tuning.comparison import Comparing
from medtune.tuning.enough import Enough, enough
from medtune.tuning.external import DESIGN, as_it_is, external_validation
from medtune.tuning.selection import ladder, select
from medtune.tuning.support import support_told
from medtune.tuning.verdict import Verdict, judge, too_few

STAGES = (("patients", 1.0), ("comparison", 14.0), ("measures", 8.0), ("models", 2.0), ("explanation", 4.0))
EXPLAINED = 1000
# Why a method that a user may choose is not among those compared.
UNASKED = {
    "extension": say("The starting model reads every predictor already."),
    "boosted_searched": say("No search for settings was asked for."),
    "pooled": say("The patients that the model was made from are not at hand."),
}


def fine_tune(
    cohort: Cohort,
    start_from: ClinicalModel | ScoreColumn | str | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
    source: Cohort | None = None,
    kept: StageCache | None = None,
) -> Run:
    """Fine-tune a model to local patients and judge honestly whether that helped.

    Parameters
    ----------
    cohort : Cohort
        The local patients; where it has classes, all of them are estimated (see `medtune.runs.class_tuning`).
    start_from : ClinicalModel, ScoreColumn, str or None
        A model, or the name of a column that holds a risk; None trains from scratch.
    settings : Settings, optional
        Everything else; its `starting` is set from `start_from`.
    progress : Progress, optional
        Told what is being done.
    source : Cohort, optional
        The patients the model was made from, where they are at hand: they inform its prior, a pooled refit is
        compared too, and all models are measured on them.
    kept : StageCache, optional
        Where parts that an earlier run worked out are found, and new ones are left; the numbers are the same.

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
    if cohort.classes:
        return tune_classes(cohort, base, settings, progress or Progress(), source)
    if isinstance(base, ClinicalModel) and base.classes:
        raise RunError.of(class_difference(base.passport, ()))
    starting = replace(starting_of(base, settings.starting), source=source.fingerprint if source is not None else "")
    settings = replace(settings, starting=starting)
    progress = progress or Progress()
    progress.plan((*STAGES[:2], *(OF_NETWORK if settings.aids.network else ()), *STAGES[2:], *_of_source(source)))
    progress.stage(say("Reading the patients and the starting model"), 1, "patients")
    return _FineTuning(Local(cohort, base, settings, source), progress, kept or StageCache()).run()


class _FineTuning:
    """One run: each stage takes what those before it gave."""

    def __init__(self, local: Local, progress: Progress, kept: StageCache) -> None:
        self.local, self.settings, self.progress, self.kept = local, local.settings, progress, kept
        self.reference = "prevalence" if local.alone else "original"
        self.notes = [*local.notes, *local.given_away]
        self.watch = fresh_watch(progress.folder) if local.settings.aids.search else None
        self.selection = self.retention = None
        self.network = NetworkTrial(local, progress)

    def run(self) -> Run:
        """All stages."""
        if self.settings.validates:
            return self._validated()
        local = self.local
        counts = local.cohort.n, local.cohort.events, len(local.keys)
        explained = local.here.cox_snell if local.here else None
        why_not = objections(self.settings, *counts, explained, bool(local.new))
        why_not = objections_for_genes(why_not) if local.genes else why_not
        if NETWORK in why_not:
            why_not[NETWORK] = why_no_network(local) or why_not[NETWORK]
        method = self._method(why_not)
        offered = [key for key, why in why_not.items() if why is None]
        if method not in offered:
            return self._unchanged(why_not)
        risks, rows, design = self._compare(offered)
        comparing = self._comparing(rows)
        self.notes += subsampled(local.cohort.n, offered, self.settings, comparing.draws, EXPLAINED)
        measured = self._measure(comparing, risks)
        self.selection = select(local.y[rows], risks, ladder(risks, self.reference), comparing.draws)
        verdict = self._judge(method, measured)
        if verdict.chosen == "blended":
            tuned = self._scored_toward(verdict, risks)
            risks["blended"] = expit(verdict.blend * logit(tuned) + (1 - verdict.blend) * logit(risks["original"]))
            measured["blended"] = measure(comparing, "blended", risks["blended"], self.kept)
        estimators = self._fit([key for key in offered if key != NETWORK], verdict)
        self.notes += said_of(estimators)
        self.notes += () if self.watch is None else notes_on_searches(self.watch)
        models = with_bands(with_passports(local, estimators, measured), local.y[rows], risks)
        candidates = [
            replace(measured[key], parameters=float(getattr(estimators.get(key), "parameters_", 0.0)))
            if key in measured
            else Candidate(key, False, why_not[key])
            for key in (*why_not, *(["blended"] if "blended" in measured else []))
        ]
        tuned = estimators[method]
        weights = support_told(getattr(tuned, "support_", {}))
        verdict = replace(verdict, details=(*verdict.details, *filter(None, [weights])))
        self._look_back(models, method)
        if NETWORK in risks:
            models |= with_bands(self._keep_network(method, measured, risks, comparing), local.y[rows], risks)
        return self._run(candidates, verdict, models, risks, rows, design, comparing, tuned)

    def _method(self, why_not: dict[str, Sentence | None]) -> str:
        """The method to judge: as chosen, unless a guard speaks against it."""
        if self.local.scratch:
            return "scratch"
        if self.local.points:
            return next((m for m in (self.settings.method,) if why_not.get(m, POINTS) is None), "recalibration")
        chosen = self.settings.method or "averaged"
        why = why_not.get(chosen, UNASKED.get(chosen))
        if why is not None and why_not["averaged"] is None:
            template = "“{method}” is not offered here, so the averaged update was judged instead. {why}"
            self.notes.append(say(template, method=TITLES[chosen], why=why))
            return "averaged"
        return chosen

    def _compare(self, offered: list[str]) -> tuple[dict[str, np.ndarray], np.ndarray, Sentence]:
        local = self.local
        plan, notes = planned(local, offered, self.watch)
        self.plan, self.notes = plan, self.notes + notes

        def tell(known: int, methods: int) -> None:
            self.progress.stage(_doing(known, methods), len(plan.splits), "comparison")

        others = [key for key in offered if key != NETWORK]
        risks = scored(local, others, plan, self.progress.step, self.kept, tell)
        if NETWORK in offered:
            risks[NETWORK] = self.network.risks(plan)
        return risks, plan.rows, plan.sentence

    def _scored_toward(self, verdict: Verdict, risks: dict[str, np.ndarray]) -> np.ndarray:
        """Risks of the update that the chosen model goes toward, on the same patients, fitted to none of them."""
        key = verdict.goes_toward
        if key in risks:
            return risks[key]
        self.progress.stage(say("Comparing a more cautious update"), len(self.plan.splits), key)
        return scored(self.local, [key], self.plan, self.progress.step, self.kept)[key]

    def _keep_network(self, method, measured, risks, comparing) -> dict[str, ClinicalModel]:
        """The tuned network, where it beats the judged method beyond doubt; what came of it goes into the notes."""
        gain = gain_over(comparing.y, risks[method], risks[NETWORK], comparing.draws)
        if not (gain.bounded and gain.low > 0):
            self.notes.append(said_of_network(gain, method, None))
            return {}
        model, rounds = self.network.model(measured[NETWORK])
        self.notes.append(said_of_network(gain, method, rounds))
        return {NETWORK: model}

    def _comparing(self, rows: np.ndarray) -> Comparing:
        y, patients = self.local.y[rows], self.local.cohort.patients
        threshold = self.settings.threshold or float(np.clip(y.mean(), 0.01, 0.99))
        clusters = None if patients is None else patients[rows]
        resamples = self.settings.validation.resamples
        return Comparing(y, threshold, self.reference, resamples=resamples, clusters=clusters, seed=self.settings.seed)

    def _measure(self, comparing: Comparing, risks: dict[str, np.ndarray]) -> dict[str, Candidate]:
        self.progress.stage(say("Measuring each method, with intervals"), len(risks), "measures")
        candidates = {}
        for key in sorted(risks, key=lambda key: key != self.reference):
            candidates[key] = measure(comparing, key, risks[key], self.kept)
            self.progress.step()
        return candidates

    def _judge(self, method: str, measured: dict[str, Candidate]) -> Verdict:
        verdict = judge(
            method,
            measured[method].comparison,
            measured[self.reference].performance,
            measured[method].performance,
            policy=self.settings.policy,
            from_scratch=self.local.alone,
            points=self.local.points,
        )
        if not 0 < verdict.blend < 1:
            return verdict
        # Without an original there is nothing to blend with.
        return replace(verdict, chosen=method, blend=1.0) if self.local.alone else replace(verdict, chosen="blended")

    def _fit(self, offered: list[str], verdict: Verdict) -> dict[str, object]:
        fitting = [key for key in offered if key != self.reference]
        self.progress.stage(say("Fitting each method on all patients"), len(fitting), "models")
        return fit_methods(self.local, fitting, verdict, self.progress.step, self.kept)

    def _look_back(self, models: dict[str, ClinicalModel], method: str) -> None:
        """How the models do on the source patients, where these are at hand."""
        if self.local.at_hand is not None:
            self.progress.stage(say("Measuring each model on the source patients"), len(models), "source")
            draws = {"resamples": self.settings.validation.resamples, "seed": self.settings.seed}
            self.retention = retention(self.local.at_hand, models, method, **draws, step=self.progress.step)

    def _unchanged(self, why_not: dict[str, Sentence | None]) -> Run:
        """Too few events to change anything: the original is measured as it is."""
        local = self.local
        rows = np.arange(local.cohort.n)
        risk = np.full(len(local.y), local.y.mean()) if local.alone else expit(local.eta0)
        risks = {self.reference: risk[None, :]}
        comparing = self._comparing(rows)
        measured = self._measure(comparing, risks)
        needed = self.settings.guards.recalibration if local.points else self.settings.guards.averaged
        counts = local.cohort.events, local.cohort.n
        verdict = too_few(*counts, self.settings.policy, local.alone, points=local.points, needed=needed)
        nothing = say("Too few events to change anything.")
        candidates = [measured.get(key) or Candidate(key, False, why or nothing) for key, why in why_not.items()]
        models = {} if local.alone else {"original": local.original}
        design = say("all patients, since nothing was fitted to them")
        return self._run(candidates, verdict, models, risks, rows, design, comparing, None)

    def _validated(self) -> Run:
        """External validation: the original as it is, and nothing else."""
        local, rows = self.local, np.arange(self.local.cohort.n)
        comparing, risk = self._comparing(rows), expit(local.eta0)
        self.progress.stage(say("Measuring the model as it is"), 1, "measures")
        candidate = as_it_is(comparing, risk)
        self.progress.step()
        verdict = external_validation(candidate.performance, local.original.name, self.settings.policy)
        models, risks = {"original": local.original}, {"original": risk[None, :]}
        return self._run([candidate], verdict, models, risks, rows, DESIGN, comparing, None)

    def _explain(self, model: ClinicalModel, verdict: Verdict) -> Explanation:
        key = verdict.goes_toward if verdict.chosen == "blended" else verdict.chosen
        how = "explanation", verdict.chosen, verdict.blend, EXPLAINED, self.settings.seed
        digest = digest_of_model(key, self.local, *how)
        known = self.kept.record(Explanation, digest) if digest else None
        if known is not None:
            return known
        explanation = explain(model, self.local.frame, limit=EXPLAINED, seed=self.settings.seed)
        if digest:
            self.kept.keep_record(digest, explanation)
        return explanation

    # -- the end --

    def _run(self, candidates, verdict, models, risks, rows, design, comparing, tuned) -> Run:
        local = self.local
        closer = look_closer(comparing.y, risks, comparing.draws, self.reference, verdict.method)
        self.progress.stage(say("Explaining the chosen model in your own columns"), 1, "explanation")
        explanation = None
        if verdict.chosen in models:
            explanation = self._explain(models[verdict.chosen], verdict)
        self.progress.step()
        self.progress.close()
        result = RunResult(
            candidates=tuple(candidates),
            verdict=verdict,
            n=local.cohort.n,
            events=local.cohort.events,
            scored=len(rows),
            cohort=local.cohort.name,
            outcome=local.cohort.roles.outcome,
            starting=self.settings.starting.name,
            threshold=comparing.threshold,
            design=design,
            notes=tuple(self.notes),
            support=dict(getattr(tuned, "support_", {})),
            coefficients=coefficients_of(tuned, local.keys),
            original=local.here,
            retention=self.retention,
            selection=self.selection,
            enough=self._enough(),
            seconds=self.progress.seconds,
            versions=versions(),
            made=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        return Run(self.settings, result, models, risks, rows, explanation, local.cohort, closer)

    def _enough(self) -> Enough | None:
        local = self.local
        # Points are on no scale of log-odds, so nothing is said of how surely they are recalibrated.
        eta0 = None if local.alone else local.eta0
        return enough(local.y, len(local.keys), eta0, local.here.cox_snell if local.here else None)


def _of_source(source: Cohort | None) -> tuple[tuple[str, float], ...]:
    return () if source is None else (("source", 4.0),)


def _doing(known: int, methods: int) -> Sentence:
    """What the comparison is doing, and what of it an earlier run has done."""
    if not known:
        return say("Comparing methods on patients they were not fitted to")
    if known == methods:
        return say("Comparing methods; their risks are kept from an earlier run")
    return say(
        "Comparing methods on patients they were not fitted to; {known} of {methods} are kept from an earlier run",
        known=known,
        methods=methods,
    )
