"""All that a session remembers: every key with its type and default, restored from the store after a reload."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

import streamlit as st

from medtune.foundation.errors import MedtuneError
from medtune.foundation.records import from_plain
from medtune.foundation.settings import Settings
from medtune.ui.drafts import Acting, Draft, Mappings

if TYPE_CHECKING:
    from medtune.cohort.reading import Table
    from medtune.cohort.table import Cleaning, Cohort, Roles
    from medtune.cohort.wishes import Wishes
    from medtune.runs.folder import RunFolder
    from medtune.runs.store import Store
    from medtune.ui.findings_list import Mended

Value = TypeVar("Value")
PREFIX = "medtune."


class Entry(Generic[Value]):
    """One value of the session: its key is the name it is declared under."""

    def __init__(self, default: Value) -> None:
        self.default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self.key = PREFIX + name

    @overload
    def __get__(self, holder: None, owner: type) -> Entry[Value]: ...
    @overload
    def __get__(self, holder: State, owner: type) -> Value: ...
    def __get__(self, holder, owner):
        return self if holder is None else st.session_state.get(self.key, self.default)

    def __set__(self, holder: State, value: Value) -> None:
        st.session_state[self.key] = value


class Remembered(Entry[Value]):
    """A value of the session that the store keeps too, so that a reload finds it again."""

    def __init__(self, default: Value) -> None:
        super().__init__(default)
        self.kind = type(default)

    def __set_name__(self, owner: type, name: str) -> None:
        super().__set_name__(owner, name)
        self.name = name

    def __set__(self, holder: State, value: Value) -> None:
        if value != self.__get__(holder, State):
            holder.store.remember(self.name, value)
        super().__set__(holder, value)

    def restore(self, holder: State) -> None:
        """Take the value from the store, if it has one."""
        kept = holder.store.recall(self.name)
        if kept is not None:
            st.session_state[self.key] = from_plain(self.kind, kept)


@dataclass(frozen=True)
class Unread:
    """An uploaded file that is no table yet: its name, content and identity, and what it offers to choose among."""

    name: str
    content: bytes
    upload: str
    parts: tuple[str, ...]
    wishes: Wishes | None


class State:
    """What the session holds, typed; `state` is the only instance and carries no data itself.

    Attributes
    ----------
    table : Table or None
        The raw table last read, with its report; what the Data page edits.
    table_name : str
        Name of its file.
    upload : str
        Identity of the upload it came from, so that a file is parsed once.
    table_id : str
        Where the store keeps the table last uploaded, and its file.
    wishes : Wishes or None
        How the user wanted that file read.
    unread : Unread or None
        A file that could not be read yet, until the user says how.
    edition : int
        Grows with each new table.
    pictures, pictures_taken : str
        The run that reads or read an archive of pictures, and the one whose table was put on the Data page.
    roles, cleaning, cohort_name : Roles, Cleaning, str
        The choices of the Data page, not yet a cohort.
    cohort : Cohort or None
        The patients in use.
    cohort_id, run_id, comparison_id : str
        Where the store keeps the cohort, the run and the comparison of treatments in view.
    settings : Settings
        The draft the next run will use; what it starts from is `settings.starting`.
    starting_from : str
        Which way of choosing a starting model the Fine-tune page shows.
    equation : Draft
        The published equation being entered.
    mappings : Mappings
        How the local table feeds each model, where the user changed what was proposed.
    prepared : bool
        Whether the user has been through the preparation of this cohort.
    threshold : float or None
        The threshold in view; None means that of the run.
    patient : int or None
        The patient in view, by position among those who took part in the run; None is the typical patient.
    what_if : dict of str to object
        Values of that patient that were changed to see what if.
    class_in_view : int or None
        Number of the class that pages about one class of several show; None until one was chosen.
    leave_out : bool
        Whether the next run leaves out the patients that a reader marked "exclude".
    watching : bool
        Whether the Start page waits for the demo, to go on to its results.
    scoring : str
        Key of the model that scores new patients, see `medtune.ui.score_models`; "" means the first one offered.
    scoring_threshold : float or None
        Risk from which a new patient is flagged; None means the model's own.
    newcomers : Table or None
        New patients to be scored, with the name of their file and the identity of their upload.
    newcomers_run : str
        The run that measures new pictures to be scored; "" when none does.
    uploads : int
        Grows whenever an uploader shall be empty again.
    acting : Acting
        How the threshold of the Results page is chosen.
    mended : Mended or None
        The remedy last used for a finding on the Data page, to be undone.
    picture : str
        Format in which plots are saved: ``png`` or ``svg``.
    trouble : MedtuneError or None
        What went wrong behind a button or at the beginning; said once, on top of the page.
    """

    table: Entry[Table | None] = Entry(None)
    table_name: Entry[str] = Entry("")
    upload: Entry[str] = Entry("")
    table_id: Remembered[str] = Remembered("")
    wishes: Entry[Wishes | None] = Entry(None)
    unread: Entry[Unread | None] = Entry(None)
    edition: Entry[int] = Entry(0)
    pictures: Remembered[str] = Remembered("")
    pictures_taken: Entry[str] = Entry("")
    roles: Entry[Roles | None] = Entry(None)
    cleaning: Entry[Cleaning | None] = Entry(None)
    cohort: Entry[Cohort | None] = Entry(None)
    cohort_id: Remembered[str] = Remembered("")
    run_id: Remembered[str] = Remembered("")
    comparison_id: Remembered[str] = Remembered("")
    settings: Remembered[Settings] = Remembered(Settings())
    prepared: Remembered[bool] = Remembered(False)
    starting_from: Remembered[str] = Remembered("model")
    equation: Remembered[Draft] = Remembered(Draft())
    mappings: Remembered[Mappings] = Remembered(Mappings())
    threshold: Entry[float | None] = Entry(None)
    cohort_name: Entry[str] = Entry("")
    watching: Entry[bool] = Entry(False)
    patient: Entry[int | None] = Entry(None)
    what_if: Entry[dict[str, object]] = Entry({})
    class_in_view: Entry[int | None] = Entry(None)
    leave_out: Remembered[bool] = Remembered(False)
    scoring: Remembered[str] = Remembered("")
    scoring_threshold: Entry[float | None] = Entry(None)
    newcomers: Entry[Table | None] = Entry(None)
    newcomers_name: Entry[str] = Entry("")
    newcomers_upload: Entry[str] = Entry("")
    newcomers_run: Entry[str] = Entry("")
    uploads: Entry[int] = Entry(0)
    acting: Entry[Acting] = Entry(Acting())
    mended: Entry[Mended | None] = Entry(None)
    picture: Remembered[str] = Remembered("png")
    trouble: Entry[MedtuneError | None] = Entry(None)
    begun: Entry[bool] = Entry(False)

    @property
    def store(self) -> Store:
        """The store under MEDTUNE_HOME; one object a session."""
        held = st.session_state.get(PREFIX + "store")
        if held is None:
            from medtune.runs.store import Store

            held = st.session_state[PREFIX + "store"] = Store()
        return held

    def begin(self) -> bool:
        """Once a session: find again what the store remembers of the last one; says whether it was that once."""
        if self.begun:
            return False
        self.begun = True
        for entry in vars(State).values():
            if isinstance(entry, Remembered):
                entry.restore(self)
        kept = (
            ("table_id", self._open_table),
            ("cohort_id", lambda: self._open_cohort(self.cohort_id, over=not self.upload)),
            ("run_id", lambda: self.run),
        )
        for pointer, look in kept:
            try:
                look()
            except MedtuneError as error:
                self.trouble = error
                setattr(self, pointer, "")
        if self.table is not None and self.roles is None:  # last, since the patients in use have roles of their own
            from medtune.cohort.columns import propose_roles
            from medtune.cohort.roles import Cleaning

            self.roles, self.cleaning = propose_roles(self.table.frame), Cleaning()
        return True

    @contextmanager
    def troubles_kept(self) -> Iterator[None]:
        """Keep a `MedtuneError` raised inside for the top of the page: what a button does when pressed goes in here."""
        try:
            yield
        except MedtuneError as error:
            self.trouble = error

    def use_cohort(self, cohort: Cohort, file: str = "") -> None:
        """Put these patients into use and keep them; a run of other patients leaves the view."""
        known = self.store.add_cohort(cohort, file)
        if known != self.cohort_id:
            self.run_id, self.threshold, self.prepared = "", None, False
            self.patient, self.what_if = None, {}
        self.cohort_id, self.cohort = known, cohort

    def use_run(self, run_id: str) -> None:
        """Bring a run into view, with the patients and the settings it was made from."""
        run = self.store.run(run_id)
        if run.job.cohort != self.cohort_id:
            try:
                self._open_cohort(run.job.cohort)
            except MedtuneError as error:  # its results can be seen all the same
                self.trouble, self.cohort, self.cohort_id = error, None, ""
        self.run_id, self.threshold = run_id, None
        self.patient, self.what_if = None, {}
        with suppress(MedtuneError, ValueError, LookupError, TypeError):  # of another version: the draft stays
            self.settings = Settings.from_json(run.settings)
            self.prepared = True

    def set_table(self, table: Table, name: str, upload: str = "") -> None:
        """Put a raw table where the Data page edits it."""
        self.table, self.table_name, self.upload, self.edition = table, name, upload, self.edition + 1

    def keep_table(self, table: Table, name: str, source: bytes, wishes: Wishes | None = None) -> None:
        """Keep an uploaded table and its file through a reload, in place of the one before."""
        from medtune.runs.tables import keep_table

        self.wishes = wishes
        self.table_id = keep_table(self.store.place, table, name, source, wishes)

    def _open_table(self) -> None:
        """Bring back the table last uploaded."""
        if not self.table_id:
            return
        from medtune.runs.tables import open_table

        table, name, self.wishes = open_table(self.store.place, self.table_id)
        self.set_table(table, name, self.table_id)

    def _open_cohort(self, cohort_id: str, over: bool = True) -> None:
        """Bring back patients as they were kept, with the choices that made them.

        Their table is the one at hand when it is the same file; otherwise they stand for it themselves, unless
        a table that was uploaded since shall not be put `over`.
        """
        if not cohort_id:
            return
        from medtune.cohort.reading import Table

        cohort = self.store.open_cohort(cohort_id)
        file = next((entry.file for entry in self.store.cohorts() if entry.id == cohort_id), "")
        self.cohort, self.cohort_id = cohort, cohort_id
        same = self.upload and file == self.table_name and list(self.table.frame) == list(cohort.frame)
        if not same and over:
            self.set_table(Table(cohort.frame, ()), cohort.name)
        if same or over:
            self.roles, self.cleaning, self.cohort_name = cohort.roles, cohort.cleaning, cohort.name

    @property
    def run(self) -> RunFolder | None:
        """The folder of the run in view; RunError when it has gone."""
        return self.store.run(self.run_id) if self.run_id else None

    def use_comparison(self, run_id: str) -> None:
        """Bring a comparison of treatments into view, with its patients."""
        run = self.store.run(run_id)
        if run.job.cohort != self.cohort_id:
            self._open_cohort(run.job.cohort)
            self.run_id, self.threshold = "", None
        self.comparison_id = run_id

    def change(self, **pieces: Any) -> None:
        """Change parts of the settings draft: ``state.change(policy="clear")``."""
        self.settings = replace(self.settings, **pieces)


state = State()
