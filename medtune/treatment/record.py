"""What a comparison of treatments found, as pages show it and files keep it."""

from __future__ import annotations

from dataclasses import dataclass

from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence
from medtune.treatment.balance import Balance
from medtune.treatment.benefit import PolicyCurve, RiskQuarter


@dataclass(frozen=True)
class Option:
    """One option as it was given.

    Attributes
    ----------
    name : str
        Its value in the table.
    n, events : int
        Patients who had it, and events among them.
    rate : Estimate
        Event rate with Wilson's interval.
    """

    name: str
    n: int
    events: int
    rate: Estimate


@dataclass(frozen=True, eq=False)
class Contrast:
    """One option against the reference.

    Attributes
    ----------
    option : str
    effect : Estimate
        Difference in event rate, doubly robust and cross-fitted; below 0 there are fewer events.
    unadjusted : Estimate
        The plain difference in event rate.
    odds_ratio : Estimate
        Given the predictors.
    quarters : tuple of RiskQuarter
    policy : PolicyCurve
    balance : tuple of Balance
    """

    option: str
    effect: Estimate
    unadjusted: Estimate
    odds_ratio: Estimate
    quarters: tuple[RiskQuarter, ...]
    policy: PolicyCurve
    balance: tuple[Balance, ...]


@dataclass(frozen=True, eq=False)
class TreatmentResult:
    """All that the page of treatments shows; nothing in it is computed again.

    Attributes
    ----------
    treatment, outcome, cohort : str
        Names of the columns, and of the patients.
    reference : str
        The option the others are compared with.
    design : str
        ``randomised``, ``not randomised`` or ``unknown``.
    n, events : int
    options : tuple of Option
        In the order of the table; the reference first.
    contrasts : tuple of Contrast
        One for each other option.
    outside : float
        Share of patients whose chance of some option is below 5% or above 95%.
    interaction : float
        p value of the one test of a differing effect; NaN where it could not be made.
    withheld : Sentence or None
        Why no effect is shown at all.
    individual : Sentence or None
        Why no difference is shown for one patient.
    headline : Sentence
    notes : tuple of Sentence
    made : str
        When, as ISO text in UTC.
    """

    treatment: str
    outcome: str
    cohort: str
    reference: str
    design: str
    n: int
    events: int
    options: tuple[Option, ...]
    contrasts: tuple[Contrast, ...]
    outside: float
    interaction: float
    withheld: Sentence | None
    individual: Sentence | None
    headline: Sentence
    notes: tuple[Sentence, ...] = ()
    made: str = ""

    @property
    def randomised(self) -> bool:
        """Whether differences may be called effects."""
        return self.design == "randomised"
