"""What a user can choose, declared once: defaults, limits and the words a page shows."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass, field
from typing import Any

from medtune.foundation.errors import SettingsError
from medtune.foundation.records import from_json, to_json


def setting(
    default: Any, *, one_of: tuple = (), within: tuple | None = None, optional: bool = False, later: bool = False
) -> Any:
    """Declare a field of `Settings` with its default and what it may be.

    Parameters
    ----------
    default : object
        The value unless the user chooses another.
    one_of : tuple
        The choices, where there are few.
    within : tuple of (low, high), optional
        Limits of a number, both included.
    optional : bool
        Whether None is allowed and means "decide by the data".
    later : bool
        Whether it was added after runs had been kept: at its default it is passed over in the hash of the settings,
        so that the same choices keep the hash they had.
    """
    metadata = {"one_of": one_of, "within": within, "optional": optional, "later": later}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Piece:
    """A part of the settings tree; checks each field against its declaration."""

    def __post_init__(self) -> None:
        for declared in dataclasses.fields(self):
            _check(type(self).__name__, declared, getattr(self, declared.name))

    @classmethod
    def choices(cls, name: str) -> tuple:
        """What the field `name` may be, as declared."""
        return cls.__dataclass_fields__[name].metadata["one_of"]

    @classmethod
    def limits(cls, name: str) -> tuple:
        """Smallest and largest value of the field `name`, as declared."""
        return cls.__dataclass_fields__[name].metadata["within"]


def _check(owner: str, declared: dataclasses.Field, value: Any) -> None:
    one_of, within = declared.metadata.get("one_of"), declared.metadata.get("within")
    if value is None and declared.metadata.get("optional"):
        return
    name = f"{owner}.{declared.name}"
    if one_of and value not in one_of:
        choices = ", ".join(repr(choice) for choice in one_of)
        raise SettingsError(
            "Setting '{name}' must be one of {choices}; it is {value!r}.", name=name, choices=choices, value=value
        )
    if within is None:
        return
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not within[0] <= value <= within[1]:
        raise SettingsError(
            "Setting '{name}' must be between {low} and {high}; it is {value!r}.",
            name=name,
            low=within[0],
            high=within[1],
            value=value,
        )


SHAPES = ("straight", "spline", "log")


@dataclass(frozen=True)
class Preparation(Piece):
    """How the table is made ready; every step is learnt inside training folds only.

    `duplicates` leaves out exact copies of rows, or also those that agree in all predictors and the outcome.
    `ordered` says how categories with an order are spelled out, `curves`, `knots` and `skewed` in which shape numbers
    reach a model; `shapes` overrules them by column (one of `SHAPES`), and `units` converts columns (by key, see
    `medtune.cohort.units.CONVERSIONS`) before anything else is done with them.
    """

    duplicates: str = setting("drop", one_of=("drop", "near", "keep"))
    numbers: str = setting("median", one_of=("median", "mean", "iterative"))
    categories: str = setting("mode", one_of=("mode", "level"))
    indicators: bool = setting(False, one_of=(False, True))
    scale: str = setting("standard", one_of=("standard", "robust", "none"))
    rare_below: float = setting(0.02, within=(0.0, 0.2))
    clip: float = setting(0.0, within=(0.0, 0.1))
    ordered: str = setting("levels", one_of=("levels", "rank"), later=True)
    curves: str = setting("straight", one_of=("straight", "spline"), later=True)
    knots: int = setting(4, one_of=(3, 4, 5), later=True)
    skewed: str = setting("keep", one_of=("keep", "log"), later=True)
    shapes: tuple[tuple[str, str], ...] = setting((), later=True)
    units: tuple[tuple[str, str], ...] = setting((), later=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        for column, shape in self.shapes:
            if shape not in SHAPES:
                raise SettingsError(
                    "The shape of '{column}' must be one of {choices}; it is {value!r}.",
                    column=column,
                    choices=", ".join(SHAPES),
                    value=shape,
                )


@dataclass(frozen=True)
class Genes(Piece):
    """How a table with many more columns than patients is made ready; learnt inside training folds only.

    `use` says whether numbers are genes; "auto" where they are at least 200 and more than the patients. `clinical`
    names numbers that are none, `batch` the column by which genes are centred, "" for none. `keep` genes are kept,
    those that vary most; of them `ranked` that differ most between outcomes, 0 for all.
    """

    use: str = setting("auto", one_of=("auto", "yes", "no"))
    log: str = setting("auto", one_of=("auto", "log2", "none"))
    batch: str = ""
    keep: int = setting(2000, within=(10, 50_000))
    ranked: int = setting(0, within=(0, 50_000))
    clinical: tuple[str, ...] = ()


FAMILIES = ("logistic", "elastic_net", "elastic_net_path", "pca_ridge", "random_forest", "gradient_boosting")


@dataclass(frozen=True)
class Family(Piece):
    """A kind of model to train from scratch, with its settings; each family reads those it knows."""

    name: str = setting("logistic", one_of=FAMILIES)
    strength: float = setting(1.0, within=(0.0001, 10000.0))
    l1_ratio: float = setting(0.5, within=(0.0, 1.0))
    trees: int = setting(200, within=(10, 2000))
    depth: int | None = setting(None, within=(1, 30), optional=True)
    leaf: int = setting(10, within=(1, 500))
    learning_rate: float = setting(0.05, within=(0.001, 1.0))
    components: int = setting(30, within=(1, 1000), later=True)


@dataclass(frozen=True)
class Aids(Piece):
    """Aids to training; each makes one more candidate, which has to win like any other.

    `network` tunes the last block of the pretrained network to pictures.
    A search tries at most `search` combinations in each training fold, and all searches of a run together take at most
    about `search_seconds`.
    """

    augmentation: str = setting("none", one_of=("none", "smote", "jitter", "mixup"))
    hard_examples: bool = setting(False, one_of=(False, True))
    network: bool = setting(False, one_of=(False, True), later=True)
    search: int = setting(0, within=(0, 200))
    search_seconds: int = setting(120, within=(5, 86_400))


@dataclass(frozen=True)
class Validation(Piece):
    """How the comparison is kept honest."""

    design: str = setting("cross_validation", one_of=("cross_validation", "hold_out", "by_site"))
    folds: int = setting(5, within=(2, 20))
    repeats: int | None = setting(None, within=(1, 50), optional=True)
    held_out: float = setting(0.3, within=(0.1, 0.6))
    resamples: int = setting(500, within=(100, 5000))


@dataclass(frozen=True)
class Guards(Piece):
    """Fewest events (or non-events, whichever are fewer) before a method is offered; engineering defaults."""

    averaged: int = setting(6, within=(2, 1000))
    intercept: int = setting(10, within=(2, 1000))
    recalibration: int = setting(20, within=(2, 1000))
    revision: int = setting(30, within=(2, 1000))
    pooled: int = setting(30, within=(2, 1000))
    refit_per_parameter: int = setting(10, within=(1, 100))


@dataclass(frozen=True)
class Averaging(Piece):
    """Prior of the averaged update: half widths of its grid and the weight of "unchanged".

    `cautious` is that weight in the cautious update, toward which the policy "likely" goes where a gain is not certain.
    `width` multiplies all half widths but the first of each, which stand for "unchanged": below 1 the source is
    trusted more, above 1 the local patients are.
    """

    intercept_sd: tuple[float, ...] = (0.001, 0.25, 1.0)
    slope_sd: tuple[float, ...] = (0.001, 0.1, 0.25)
    deviation_sd: tuple[float, ...] = (0.001, 0.03, 0.06, 0.12, 0.25)
    unchanged: float = setting(0.5, within=(0.01, 0.99))
    kappa: float = setting(4.0, within=(0.0, 1000.0))
    width: float = setting(1.0, within=(0.25, 4.0))
    cautious: float = setting(0.92, within=(0.01, 0.99), later=True)

    @property
    def more_cautious(self) -> Averaging:
        """The same with the weight of "unchanged" that the cautious update has, if that is more."""
        return dataclasses.replace(self, unchanged=max(self.unchanged, self.cautious))


@dataclass(frozen=True)
class Treatment(Piece):
    """How treatment options are compared: how they were given, and with which one the others are compared."""

    design: str = setting("unknown", one_of=("randomised", "not randomised", "unknown"))
    reference: str = ""


@dataclass(frozen=True)
class Feed(Piece):
    """How one predictor of a starting model is fed from the local table.

    Attributes
    ----------
    predictor : str
        The column as the model calls it.
    column : str
        The local column; "" when there is none.
    conversion : str
        Key of a conversion of units, see `medtune.cohort.units`; "" when none is needed.
    codes : tuple of (local, model's)
        Levels that are written differently here.
    fill : str
        What stands for a missing value, in the model's units; "" leaves that to the model.
    low, high : float, optional
        Plausible range in the model's units.
    """

    predictor: str
    column: str = ""
    conversion: str = ""
    codes: tuple[tuple[str, str], ...] = ()
    fill: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Starting(Piece):
    """What fine-tuning starts from: a model, a column that holds a score, or nothing.

    Attributes
    ----------
    kind, model, name : str
        Which kind, the model's id in the library, its name or that of the column.
    scale : str
        What a score column holds.
    mapping : tuple of Feed
        How the local table feeds the model; empty means by equal names.
    source : str
        Fingerprint of the patients the model was made from, where they are at hand.
    """

    kind: str = setting("model", one_of=("model", "score_column", "scratch"))
    model: str = ""
    name: str = ""
    scale: str = setting("risk", one_of=("risk", "percent", "log-odds", "points"))
    mapping: tuple[Feed, ...] = ()
    source: str = ""

    @property
    def has_risk(self) -> bool:
        """Whether patients have a risk before anything is tuned: not from scratch, and not with points."""
        return self.kind == "model" or (self.kind == "score_column" and self.scale != "points")


METHODS = ("averaged", "intercept", "recalibration", "revision", "extension", "boosted")
METHODS += ("boosted_searched", "refit", "pooled")
# In place of a method: nothing is tuned, the model is validated as it is.
VALIDATE = "original"


@dataclass(frozen=True)
class Settings(Piece):
    """All that a user chose for one run, and nothing else."""

    starting: Starting = field(default_factory=Starting)
    preparation: Preparation = field(default_factory=Preparation)
    genes: Genes = field(default_factory=Genes, metadata={"later": True})
    family: Family = field(default_factory=Family)
    aids: Aids = field(default_factory=Aids)
    validation: Validation = field(default_factory=Validation)
    guards: Guards = field(default_factory=Guards)
    averaging: Averaging = field(default_factory=Averaging)
    treatment: Treatment = field(default_factory=Treatment)
    policy: str = setting("likely", one_of=("likely", "clear", "blend"))
    method: str | None = setting(None, one_of=(*METHODS, VALIDATE), optional=True)
    threshold: float | None = setting(None, within=(0.01, 0.99), optional=True)
    seed: int = setting(0, within=(0, 2**31 - 1))
    # Positions in the cohort of patients that a reader marked "exclude" and chose to leave out.
    left_out: tuple[int, ...] = ()

    @property
    def validates(self) -> bool:
        """Whether a model is only measured as it is; what has no risk of its own cannot be."""
        return self.method == VALIDATE and self.starting.has_risk

    def to_json(self) -> str:
        """JSON text with keys in a stable order."""
        return to_json(self)

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """Read what `to_json` wrote, checking every value."""
        return from_json(cls, text)

    @property
    def fingerprint(self) -> str:
        """A hash that is the same for the same choices on any machine."""
        return hashlib.sha256(to_json(_told(self)).encode()).hexdigest()[:16]


def _told(piece: Piece) -> dict[str, Any]:
    """The fields of a piece by name, without those that were added later and stand at their default."""
    told = {}
    for declared in dataclasses.fields(piece):
        value, made = getattr(piece, declared.name), declared.default_factory
        default = declared.default if made is dataclasses.MISSING else made()
        if not (declared.metadata.get("later") and value == default):
            told[declared.name] = _told(value) if isinstance(value, Piece) else value
    return told
