"""What a finished run holds, and the files of its folder that hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from medtune.evaluation.closer import CloserEvaluation
from medtune.explanation.contributions import Explanation
from medtune.foundation.errors import RunError
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence
from medtune.models.passport import Passport
from medtune.runs.class_record import ClassResult
from medtune.runs.folder import LATER, read_record
from medtune.runs.retention import Retention
from medtune.tuning.candidates import Candidate
from medtune.tuning.enough import Enough
from medtune.tuning.instability import Instability
from medtune.tuning.learning import LearningCurve
from medtune.tuning.original_here import OriginalHere
from medtune.tuning.selection import Selection
from medtune.tuning.verdict import Verdict

RESULT, EXPLANATION, MODELS, START, RISKS = "result.json", "explanation.json", "models", "start.skops", "risks.npz"
CLOSER, CLASS_RESULT = "closer.json", "class_result.json"
LEARNING, INSTABILITY = "learning.json", "instability.json"


@dataclass(frozen=True)
class Coefficient:
    """A coefficient of the tuned model, with its interval where it can be had.

    Attributes
    ----------
    name : str
        ``intercept``, ``slope``, or the key of a prepared column.
    estimate : Estimate
        In log-odds; a deviation is per unit of its column.
    """

    name: str
    estimate: Estimate


@dataclass(frozen=True)
class RunResult:
    """All that pages show of a run; nothing in it is computed again.

    Attributes
    ----------
    candidates : tuple of Candidate
        In the order of `medtune.tuning.candidates.TITLES`.
    verdict : Verdict
        What the comparison says.
    n, events : int
        Local patients that took part, and events among them.
    scored : int
        Patients the performance is measured on (fewer with a held-out split).
    cohort, outcome, starting : str
        Their names, for captions.
    threshold : float
        Risk from which a patient counts as flagged, until a user moves it.
    design : Sentence
        How the comparison was kept honest.
    notes : tuple of Sentence
        What a reader must know: rows left out, columns the model missed, subsampling.
    support : mapping of str to float
        Posterior weight of each kind of change, from the averaged update.
    coefficients : tuple of Coefficient
        Of the tuned model, where it has them.
    original : OriginalHere or None
        What is known of the original before anything is tuned; beside the verdict, which does not rest on it.
    selection : Selection or None
        The one rung that the one-standard-error rule picks, corrected for having been picked; beside the verdict too.
    enough : Enough or None
        How far these patients reach: for a model of their own, and for an update.
    retention : Retention or None
        How the models do on the source patients, where these are at hand.
    seconds : mapping of str to float
        Worker time by stage.
    versions : mapping of str to str
        Of medtune and of what the numbers depend on.
    made : str
        When, as ISO text in UTC.
    """

    candidates: tuple[Candidate, ...]
    verdict: Verdict
    n: int
    events: int
    scored: int
    cohort: str
    outcome: str
    starting: str
    threshold: float
    design: Sentence
    notes: tuple[Sentence, ...] = ()
    support: Mapping[str, float] = field(default_factory=dict)
    coefficients: tuple[Coefficient, ...] = ()
    original: OriginalHere | None = None
    retention: Retention | None = None
    selection: Selection | None = None
    enough: Enough | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    made: str = ""

    def candidate(self, key: str) -> Candidate:
        """One method by its key."""
        for one in self.candidates:
            if one.key == key:
                return one
        raise RunError("This run has no method '{key}'; choose one of its table.", key=key)

    @property
    def validation(self) -> bool:
        """Whether a model was only validated as it is."""
        return self.verdict.state == "validated"

    @property
    def reference(self) -> Candidate:
        """What everything is compared with: the original, or prevalence only."""
        return self.candidate("prevalence" if self.verdict.from_scratch else "original")

    @property
    def tuned(self) -> Candidate:
        """The method that the verdict judged."""
        return self.candidate(self.verdict.method)

    @property
    def chosen(self) -> Candidate:
        """The method that the policy chose."""
        return self.candidate(self.verdict.chosen)


def read_result(folder: Path) -> RunResult | ClassResult:
    """The result in a run's folder; RunError when it has none or it is damaged."""
    if (folder / CLASS_RESULT).exists():
        return _read(ClassResult, folder / CLASS_RESULT)
    return _read(RunResult, folder / RESULT)


def read_explanation(folder: Path) -> Explanation:
    """The explanation in a run's folder; RunError when it has none or it is damaged."""
    return _read(Explanation, folder / EXPLANATION)


def read_closer(folder: Path) -> CloserEvaluation:
    """More of the two models compared; RunError when the run, as of an earlier version, has none or it is damaged."""
    record = read_record(CloserEvaluation, folder / CLOSER)
    if record is None:
        raise RunError("This run was made before this was measured; repeat it to see this part.")
    return record


def read_learning(folder: Path) -> LearningCurve | None:
    """The learning curve of a run; None until it has been worked out, RunError when it is damaged."""
    return read_record(LearningCurve, folder / LATER / LEARNING)


def read_instability(folder: Path) -> Instability | None:
    """The instability of a run's method; None until it has been worked out, RunError when it is damaged."""
    return read_record(Instability, folder / LATER / INSTABILITY)


def model_file(folder: Path, key: str) -> Path:
    """Where a run keeps the model of one method.

    Parameters
    ----------
    folder : Path
        The run's folder.
    key : str
        The method, one of `medtune.tuning.candidates.TITLES`.

    Returns
    -------
    Path
        Whether or not there is such a file.
    """
    return folder / MODELS / f"{key}.skops"


def model_passport(folder: Path, key: str) -> Passport:
    """The passport of the model of one method, read without opening the model.

    Parameters
    ----------
    folder : Path
        The run's folder.
    key : str
        The method, one of `medtune.tuning.candidates.TITLES`.

    Returns
    -------
    Passport

    Raises
    ------
    MedtuneError
        When the run kept no such model, or its passport cannot be read.
    """
    path = model_file(folder, key).with_suffix(".json")
    try:
        return Passport.from_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RunError("Run '{run}' kept no model of this method; repeat the run.", run=folder.name) from error


def _read(kind, path: Path):
    record = read_record(kind, path)
    if record is None:
        raise RunError(
            "Run '{run}' has no {what} yet; wait until it has finished.", run=path.parent.name, what=path.stem
        )
    return record
