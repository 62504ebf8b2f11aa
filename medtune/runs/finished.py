"""A finished fine-tuning in memory: what a worker keeps in its folder and what a script gets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medtune.cohort.table import Cohort
from medtune.evaluation.class_performance import ClassPerformance
from medtune.evaluation.closer import CloserEvaluation
from medtune.evaluation.performance import Performance
from medtune.explanation.contributions import Explanation
from medtune.foundation.errors import RunError
from medtune.foundation.settings import Settings
from medtune.models.clinical import ClinicalModel
from medtune.runs.class_record import ClassResult
from medtune.runs.groups import Groups, who_it_serves
from medtune.runs.record import RunResult
from medtune.tuning.verdict import Verdict


@dataclass(frozen=True, eq=False)
class Run:
    """A finished fine-tuning, in memory.

    Attributes
    ----------
    settings : Settings
        All that was chosen.
    result : RunResult or ClassResult
        The comparison and the verdict.
    models : dict of str to ClinicalModel
        Every method fitted on all local rows, by key; both the original and the tuned one are among them.
    risks : dict of str to ndarray of shape (repeats, m) or (repeats, m, K)
        Out-of-fold risks of the patients in `rows`.
    rows : ndarray of shape (m,)
        Positions of these patients in the cohort that took part.
    explanation : Explanation or None
        Contributions to the chosen model's risks; None where nothing could be fitted, and for several classes.
    cohort : Cohort
        The patients that took part.
    closer : CloserEvaluation or None
        More of the original and the judged method: precision and recall, distances from calibration, gain in net
        benefit, and the band of risks to refer; None for several classes.
    """

    settings: Settings
    result: RunResult | ClassResult
    models: dict[str, ClinicalModel]
    risks: dict[str, np.ndarray]
    rows: np.ndarray
    explanation: Explanation | None
    cohort: Cohort
    closer: CloserEvaluation | None

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

    def groups(self, column: str) -> Groups:
        """Original and judged method in each group that a column makes: see `medtune.runs.groups.who_it_serves`."""
        if isinstance(self.result, ClassResult):
            raise RunError("Groups of patients are compared for an event alone, not for several classes.")
        keys = dict.fromkeys((self.result.reference.key, self.verdict.method))
        risks = {key: self.risks[key] for key in keys}
        how = {"resamples": self.settings.validation.resamples, "seed": self.settings.seed}
        return who_it_serves(self.cohort, self.rows, risks, self.verdict.method, column, self.result.threshold, **how)

    @property
    def evaluation(self) -> Performance | ClassPerformance:
        """Performance of the chosen method on patients it was not fitted to."""
        return self.result.chosen.performance
