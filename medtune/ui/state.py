"""All that a session remembers: every key with its type and default, restored from the store after a reload."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

import streamlit as st

from medtune.foundation.errors import MedtuneError
from medtune.foundation.settings import Settings

if TYPE_CHECKING:
    from medtune.cohort.reading import Table
    from medtune.cohort.table import Cleaning, Cohort, Roles
    from medtune.runs.store import Store

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
    """A value of the session that the store keeps too, as text, so that a reload finds it again."""

    def __init__(self, default: Value, dump: Callable[[Value], str] = str, load: Callable[[str], Value] = str) -> None:
        super().__init__(default)
        self.dump, self.load = dump, load

    def __set_name__(self, owner: type, name: str) -> None:
        super().__set_name__(owner, name)
        self.name = name

    def __set__(self, holder: State, value: Value) -> None:
        if value != self.__get__(holder, State):
            holder.store.remember(self.name, self.dump(value))
        super().__set__(holder, value)

    def restore(self, holder: State) -> None:
        """Take the value from the store, if it has one."""
        text = holder.store.recall(self.name)
        if text:
            st.session_state[self.key] = self.load(text)


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
    roles, cleaning : Roles, Cleaning
        The choices of the Data page, not yet a cohort.
    cohort : Cohort or None
        The patients in use.
    cohort_id, run_id : str
        Where the store keeps the cohort and the run in view.
    settings : Settings
        The draft the next run will use; what it starts from is `settings.starting`.
    prepared : bool
        Whether the user has been through the preparation of this cohort.
    threshold : float or None
        The threshold in view; None means that of the run.
    """

    table: Entry[Table | None] = Entry(None)
    table_name: Entry[str] = Entry("")
    upload: Entry[str] = Entry("")
    roles: Entry[Roles | None] = Entry(None)
    cleaning: Entry[Cleaning | None] = Entry(None)
    cohort: Entry[Cohort | None] = Entry(None)
    cohort_id: Remembered[str] = Remembered("")
    run_id: Remembered[str] = Remembered("")
    settings: Remembered[Settings] = Remembered(Settings(), Settings.to_json, Settings.from_json)
    prepared: Remembered[bool] = Remembered(False, lambda yes: "yes" if yes else "", bool)
    threshold: Entry[float | None] = Entry(None)
    trouble: Entry[MedtuneError | None] = Entry(None)
    begun: Entry[bool] = Entry(False)

    @property
    def store(self) -> Store:
        """The store under MEDTUNE_HOME; one object a session."""
        held = st.session_state.get(PREFIX + "store")
        if held is None:
            from medtune.runs.store import Store, home

            held = st.session_state[PREFIX + "store"] = Store(home())
        return held

    def begin(self) -> None:
        """Once a session: find again what the store remembers of the last one."""
        if self.begun:
            return
        self.begun = True
        for entry in vars(State).values():
            if isinstance(entry, Remembered):
                entry.restore(self)
        if self.cohort_id:
            try:
                self._take(self.store.open_cohort(self.cohort_id))
            except MedtuneError as error:
                self.trouble, self.cohort_id = error, ""

    def use_cohort(self, cohort: Cohort) -> None:
        """Put these patients into use and keep them; a run of other patients leaves the view."""
        known = self.store.save_cohort(cohort)
        if known != self.cohort_id:
            self.run_id, self.threshold, self.prepared = "", None, False
        self.cohort_id = known
        self._take(cohort)

    def _take(self, cohort: Cohort) -> None:
        self.cohort, self.roles, self.cleaning = cohort, cohort.roles, cohort.cleaning

    def use_run(self, run_id: str) -> None:
        """Bring a run into view, with the patients and the settings it was made from."""
        self.run_id, self.threshold = run_id, None

    def change(self, **pieces: Any) -> None:
        """Change parts of the settings draft: ``state.change(policy="clear")``."""
        self.settings = replace(self.settings, **pieces)


state = State()
