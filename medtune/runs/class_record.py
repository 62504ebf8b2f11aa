"""What a finished run of several classes holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from medtune.foundation.errors import RunError
from medtune.foundation.words import Sentence
from medtune.tuning.classes.candidates import ClassCandidate
from medtune.tuning.verdict import Verdict


@dataclass(frozen=True)
class ClassResult:
    """All that pages show of a run of several classes; nothing in it is computed again.

    Attributes
    ----------
    classes : tuple of str
        Names of the classes, in the order of the risks.
    counts : tuple of int
        Local patients of each.
    candidates : tuple of ClassCandidate
        In the order in which methods are told.
    verdict : Verdict
        What the comparison says.
    n, scored : int
        Patients that took part, and those the performance is measured on.
    cohort, outcome, starting : str
        Their names, for captions.
    design : Sentence
        How the comparison was kept honest.
    notes : tuple of Sentence
        What a reader must know.
    support : mapping of str to float
        Posterior weight of each kind of change, from the averaged update.
    seconds, versions : mapping
        Worker time by stage; of medtune and of what the numbers depend on.
    made : str
        When, as ISO text in UTC.
    """

    classes: tuple[str, ...]
    counts: tuple[int, ...]
    candidates: tuple[ClassCandidate, ...]
    verdict: Verdict
    n: int
    scored: int
    cohort: str
    outcome: str
    starting: str
    design: Sentence
    notes: tuple[Sentence, ...] = ()
    support: Mapping[str, float] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    made: str = ""

    @property
    def events(self) -> None:
        """Of several classes none is the event."""
        return None

    @property
    def validation(self) -> bool:
        """Whether a model was only measured; not offered for several classes."""
        return False

    def candidate(self, key: str) -> ClassCandidate:
        """One method by its key."""
        for one in self.candidates:
            if one.key == key:
                return one
        raise RunError("This run has no method '{key}'; choose one of its table.", key=key)

    @property
    def reference(self) -> ClassCandidate:
        """What everything is compared with: the original, or the shares of the classes."""
        return self.candidate("prevalence" if self.verdict.from_scratch else "original")

    @property
    def tuned(self) -> ClassCandidate:
        """The method that the verdict judged."""
        return self.candidate(self.verdict.method)

    @property
    def chosen(self) -> ClassCandidate:
        """The method that the policy chose."""
        return self.candidate(self.verdict.chosen)
