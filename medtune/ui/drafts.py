"""What a user is in the middle of entering: an equation, how the table feeds a model, how a threshold is chosen."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from medtune.foundation.records import to_json
from medtune.foundation.settings import Feed
from medtune.models.formula_tables import Published, Row, from_rows, from_text, rows_of
from medtune.models.terms import Formula


@dataclass(frozen=True)
class Draft:
    """A published equation while it is being entered.

    Attributes
    ----------
    name, outcome : str
        What it is called, and of what it estimates the risk.
    intercept : float
    rows : tuple of Row
        Its terms.
    fills, example : mapping of str to str
        By column: what a gap counts as, and the value of the worked example.
    text : str
        What stands in the box for pasting.
    kept, kept_as : str
        Id in the library, and the mark of what was kept under it.
    """

    name: str = ""
    outcome: str = ""
    intercept: float = 0.0
    rows: tuple[Row, ...] = ()
    fills: Mapping[str, str] = field(default_factory=dict)
    example: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    kept: str = ""
    kept_as: str = ""

    @property
    def begun(self) -> bool:
        """Whether anything was entered."""
        return any(row.column.strip() for row in self.rows)

    def formula(self) -> Formula:
        """The equation as entered; ModelError says which row cannot be read."""
        return from_rows(self.intercept, self.rows, self.fills)

    def read(self, text: str) -> Draft:
        """With the equation of a text in place of what was entered; ModelError when it cannot be read."""
        published = from_text(text)
        return replace(
            self,
            intercept=published.formula.intercept,
            rows=rows_of(published.formula),
            fills=dict(published.formula.fills) or self.fills,
            name=published.name or self.name,
            outcome=published.outcome or self.outcome,
        )

    def published(self, name: str) -> Published:
        """The finished equation, under its name or this one."""
        return Published(self.formula(), self.name.strip() or name, self.outcome.strip())

    @property
    def mark(self) -> str:
        """Tells whether the equation has changed since it was kept."""
        content = [self.name, self.outcome, self.intercept, self.rows, dict(self.fills)]
        return hashlib.sha256(to_json(content).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Mappings:
    """How the local table feeds each model, as the user left it."""

    chosen: Mapping[str, tuple[Feed, ...]] = field(default_factory=dict)

    def of(self, key: str) -> tuple[Feed, ...] | None:
        """The choice for a model and its patients; None when nothing was changed yet."""
        return self.chosen.get(key)

    def with_(self, key: str, feeds: Sequence[Feed]) -> Mappings:
        """With one more choice; the oldest go when there are many."""
        others = {k: v for k, v in self.chosen.items() if k != key}
        return Mappings({**dict(list(others.items())[-49:]), key: tuple(feeds)})


@dataclass(frozen=True)
class Acting:
    """How the threshold of the Results page is chosen, and for whom.

    Attributes
    ----------
    way : str
        ``risk``, ``consequence`` or ``capacity``.
    false_alarms : float
        How many false alarms are as bad as one missed event.
    alerts, patients : float
        At most so many alerts a day among so many patients a day.
    elsewhere : float or None
        Share of patients with the event in another population; None means that of the patients here.
    """

    way: str = "risk"
    false_alarms: float = 9.0
    alerts: float = 5.0
    patients: float = 50.0
    elsewhere: float | None = None
