"""New patients to be scored: their table, the question put to the warm process, and what is shown of the answer."""

from __future__ import annotations

from pathlib import PurePath

import streamlit as st

from medtune.cohort.frame_file import write_frame
from medtune.cohort.reading import Table
from medtune.explanation.reasons import REASONS
from medtune.figures.risks import risks
from medtune.foundation.errors import MedtuneError, PicturesError
from medtune.foundation.words import Sentence, say
from medtune.images.opening import open_set
from medtune.models.class_scoring import ClassScored
from medtune.models.row_report import row_report, tally
from medtune.models.scoring import FLAGGED, RISK, VERDICT, WARNINGS, Scored, open_scored, safe_csv
from medtune.runs.execution import status
from medtune.runs.picture_reading import Wanted, begin_reading, read_found
from medtune.runs.standby import ask, errand
from medtune.ui import look, memory, note_list, progress, reading_choices, widgets
from medtune.ui.binding import bind
from medtune.ui.score_models import Scorer
from medtune.ui.state import PREFIX, state
from medtune.ui.text import number, percent, translate

ROWS, COLUMNS = 50, 60  # shown of the result
KINDS, LINES = 12, 200  # of warnings, shown
ENOUGH = 20  # patients, before their spread says anything
PATIENCE = 120.0  # seconds; a million rows through a forest take one of these minutes


def draw() -> None:
    """A file of new patients, or the patients in use to see what scoring gives."""
    key = f"{PREFIX}widget.newcomers.{state.uploads}"
    st.file_uploader(
        translate(
            "New patients (CSV, Excel, SPSS, Stata, SAS, Parquet, or a zip file of pictures); "
            "they stay on this computer"
        ),
        key=key,
        on_change=_read,
        args=(key,),
    )
    cohort = state.cohort
    if cohort is not None and state.newcomers is None:
        label = translate("Try it with the {n} patients in use", n=number(cohort.n))
        st.button(label, on_click=_take_ours, icon=":material/groups:")


def _read(key: str) -> None:
    """Read what was just uploaded, once; a file taken away is forgotten."""
    upload = st.session_state[key]
    if upload is None or upload.file_id != state.newcomers_upload:
        _take(None)
    if upload is not None and state.newcomers is None:
        with state.troubles_kept():
            try:
                table = reading_choices.read_with_bar(upload.getvalue(), upload.name)
                _take(table, upload.name, upload.file_id)
            except PicturesError:  # pictures are measured by a job, and then are a table like any other
                wanted = Wanted(labelled=False)
                state.newcomers_run = begin_reading(state.store, upload.getvalue(), upload.name, wanted).id


def pictures() -> None:
    """New pictures while they are measured; once they are, they stand for the new patients."""
    if not state.newcomers_run:
        return
    try:
        folder = state.store.run(state.newcomers_run).path
        now = status(folder)
        if not now.final:
            progress.watch(folder)
            st.stop()
        state.newcomers_run = ""
        if now.state == "finished":
            found = open_set(state.store.place, read_found(folder).set_id)
            _take(Table(found.frame, found.about.report), found.about.name, found.id)
        progress.ended(now, folder)
    except MedtuneError as error:
        state.newcomers_run = ""
        widgets.trouble(error)


def _take_ours() -> None:
    _take(Table(state.cohort.frame, ()), state.cohort.name, state.cohort.fingerprint)


def _take(table: Table | None, name: str = "", upload: str = "") -> None:
    state.newcomers, state.newcomers_name, state.newcomers_upload = table, name, upload
    memory.forget("scored")


def forget() -> None:
    """Let the new patients and their risks go, and their file too."""
    _take(None)
    state.uploads += 1


def scored(scorer: Scorer) -> Scored | ClassScored:
    """The new patients with their risks, flagged from the threshold in view on.

    Raises
    ------
    MedtuneError
        When the table does not fit the model, or it took too long.
    """
    table = state.newcomers

    def make() -> Scored | ClassScored:
        with st.spinner(translate("Scoring {n} patients", n=number(len(table.frame)))), errand() as folder:
            patients = folder / "patients.parquet"
            write_frame(table.frame, patients)
            payload = {"model": scorer.file, "passport": scorer.passport_file, "table": patients, "folder": folder}
            ask("score_table", {name: str(path) for name, path in payload.items()}, timeout=PATIENCE)
            return open_scored(folder)

    given = (scorer.key, scorer.passport.created, state.newcomers_upload)
    risky = memory.once("scored", given, make)
    if isinstance(risky, ClassScored) or risky.threshold == scorer.threshold:
        return risky
    return risky.at(scorer.threshold)


def origin() -> None:
    """What is worth knowing about where the new patients are from."""
    cohort = state.cohort
    if cohort is not None and state.newcomers_upload == cohort.fingerprint:
        widgets.aside(say("These are the patients in use; a model tuned to them knows them already."))
    for sentence in state.newcomers.report:
        widgets.aside(sentence)


def answer(result: Scored) -> Sentence:
    """How many were scored and flagged, in one sentence."""
    return say(
        "{flagged} of {n} patients ({share}) have an estimated risk of {threshold} or more.",
        flagged=number(result.flagged),
        n=number(result.n),
        share=percent(result.flagged / result.n) if result.n else percent(None),
        threshold=percent(result.threshold),
    )


def threshold(scorer: Scorer) -> None:
    """The risk from which a patient is flagged; the model's own unless moved."""
    st.number_input(
        translate("Flag patients from a risk of, %"),
        min_value=0.0,
        max_value=100.0,
        step=1.0,
        format="%.1f",
        help=widgets.meaning("threshold"),
        width=250,
        **bind(
            "scoring_threshold",
            show=lambda _: round(100 * scorer.threshold, 1),
            read=lambda percent: percent / 100,
        ),
    )
    if state.scoring_threshold is not None:
        st.button(translate("Back to {own}", own=percent(scorer.own_threshold)), on_click=_own)


def _own() -> None:
    state.scoring_threshold = None


def differences(result: Scored | ClassScored) -> None:
    """What of the table is not as the model knows it."""
    if not result.notes:
        widgets.aside(say("All columns are as the model expects them."))
        return
    widgets.heading(say("Where these patients differ from what the model knows"))
    note_list.draw(result.notes)
    if result.warned:
        widgets.aside(
            say(
                "{warned} of {n} patients carry a warning, most often that {words}; read their risks with more care.",
                warned=number(result.warned),
                n=number(result.n),
                words=tally(result.table[WARNINGS])[0][0],
            )
        )


def row_by_row(result: Scored | ClassScored) -> None:
    """The warnings: how many patients each is true of, and whose they are."""
    if not result.warned:
        return
    with st.expander(translate("Warnings, patient by patient"), icon=":material/checklist:"):
        warnings = result.table[WARNINGS]
        rows = [[words, number(count)] for words, count in tally(warnings)]
        widgets.table([say("Warning"), say("Patients")], rows[:KINDS])
        if len(rows) > KINDS:
            rest = say("{count} rarer warnings are in the file.", count=number(len(rows) - KINDS))
            widgets.aside(rest)
        report = row_report(warnings)
        st.dataframe(
            report.head(LINES),
            hide_index=True,
            height=min(38 * (min(len(report), LINES) + 1), 320),
            column_config={
                "patient": st.column_config.NumberColumn(translate("Patient"), format="%d", width="small"),
                "warning": st.column_config.TextColumn(translate("Warning"), width="large"),
            },
        )
        if len(report) > LINES:
            told = {"shown": number(LINES), "count": number(len(report))}
            widgets.aside(say("{shown} of {count} warnings are shown; the file has all of them.", **told))
        st.download_button(
            translate("Download the warnings"),
            lambda: safe_csv(report),
            file_name=PurePath(state.newcomers_name).stem.split(".")[0] + "_warnings.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="warnings",
        )


def spread(result: Scored) -> None:
    """The distribution of the risks, where there are enough of them."""
    if result.n >= ENOUGH:
        figure = risks(result.counts(), look.theme(), threshold=result.threshold, translate=translate)
        widgets.plot(figure, "risks", "estimated_risks")


def first_look(result: Scored) -> None:
    """The first rows, or those with the highest risks; risks in per cent."""
    highest = st.toggle(translate("Highest risk first"), key=PREFIX + "widget.highest")
    table = result.top(ROWS) if highest else result.table.head(ROWS)
    first = [name for name in (RISK, FLAGGED, VERDICT, REASONS, WARNINGS) if name in table.columns]
    rest = [name for name in table.columns if name not in first][:COLUMNS]
    dates = table[rest].select_dtypes("datetime").columns
    st.dataframe(
        table[first + rest].assign(**{RISK: 100 * table[RISK]}).set_axis(table.index + 1),
        height=min(38 * (len(table) + 1), 420),
        column_config={
            RISK: st.column_config.NumberColumn(translate("Estimated risk, %"), format="%.1f"),
            FLAGGED: st.column_config.TextColumn(translate("Flagged")),
            VERDICT: st.column_config.TextColumn(translate("Outcome that remains possible (90%)")),
            REASONS: st.column_config.TextColumn(translate("Top reasons"), width="large"),
            WARNINGS: st.column_config.TextColumn(translate("Warnings"), width="medium"),
            **{name: st.column_config.DateColumn(format="YYYY-MM-DD") for name in dates},
        },
    )
    widgets.aside(*result.remarks)
    if result.n > ROWS:
        words = say("{shown} of {n} patients are shown; the file has all of them.", shown=ROWS, n=number(result.n))
        widgets.aside(words)


def download(result: Scored | ClassScored) -> None:
    """All patients as CSV, made when asked for; and the way to be rid of them."""
    st.button(translate("Forget these patients"), icon=":material/close:", on_click=forget)
    st.download_button(
        translate("Download all {n} patients", n=number(result.n)),
        result.as_csv,
        file_name=PurePath(state.newcomers_name).stem.split(".")[0] + "_scored.csv",
        mime="text/csv",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
        key="scored",
    )
