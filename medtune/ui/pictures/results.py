"""The parts of the Pictures page: hard pictures as a gallery, where the model looks, pictures taken otherwise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from medtune.cohort.table import Cohort
from medtune.explanation.hard_patients import Hard
from medtune.figures.picture import picture_map as drawn_map
from medtune.foundation.errors import MedtuneError
from medtune.foundation.records import from_plain
from medtune.foundation.words import Sentence, say
from medtune.images.keeping import open_picture, picture_file
from medtune.images.labels import IMAGE, PICTURE
from medtune.runs.execution import status
from medtune.runs.folder import RunFolder
from medtune.runs.picture_questions import PictureMap
from medtune.runs.picture_shift import Shift, begin_shift, read_shift
from medtune.runs.review_questions import Review
from medtune.runs.standby import ask
from medtune.tuning.candidates import TITLES
from medtune.ui import look, progress, widgets
from medtune.ui.memory import once
from medtune.ui.state import PREFIX, state
from medtune.ui.text import estimate, markdown, number, percent, translate

SHOWN, THUMB = 12, 108  # pictures, pixels: three fit beside each other on a telephone
PATIENCE = 90.0  # seconds; 65 pictures are measured for a map
WAYS = {"hard": say("Most wrong"), "sure": say("Highest risk"), "low": say("Lowest risk")}


def answer(found: Review, cohort: Cohort) -> Sentence:
    """The picture the model is most wrong about, in one sentence."""
    if not found.hard:
        return say("There is no picture to look at.")
    worst = found.hard[0]
    happened = say("has the event") if worst.outcome else say("does not have the event")
    name = str(cohort.frame[IMAGE].iloc[worst.row]) if IMAGE in cohort.frame else str(worst.row + 1)
    return say(
        "The model is most wrong about '{name}': estimated risk {risk}, and it {happened}.",
        name=name.rpartition("/")[2],
        risk=percent(worst.risk),
        happened=happened,
    )


def gallery(found: Review, cohort: Cohort) -> Hard | None:
    """Pictures side by side with risk and outcome; which of them is looked at closely."""
    widgets.heading(say("Hard pictures"))
    way = st.segmented_control(
        translate("Show"),
        list(WAYS),
        default="hard",
        required=True,
        key=PREFIX + "widget.pictures.way",
        format_func=lambda key: translate(WAYS[key]),
    )
    order = {"hard": lambda one: -one.loss, "sure": lambda one: -one.risk, "low": lambda one: one.risk}
    shown = sorted(found.hard, key=order[way])[:SHOWN]
    with st.container(horizontal=True):  # it wraps on a narrow screen
        for one in shown:
            _thumbnail(one, cohort)
    widgets.aside(
        say("Risks are out of fold. Among the {count} pictures that are hardest or oddest.", count=len(found.hard))
    )
    names = {one.row: str(cohort.frame[IMAGE].iloc[one.row]).rpartition("/")[2] for one in shown}
    by_row = {one.row: one for one in shown}
    key = f"{PREFIX}widget.pictures.{way}"
    return by_row.get(st.selectbox(translate("Look closely at"), list(names), format_func=names.get, key=key))


def _thumbnail(one: Hard, cohort: Cohort) -> None:
    happened = translate("event") if one.outcome else translate("no event")
    caption = f"{percent(one.risk)}, {happened}"
    path = picture_file(state.store.place, str(cohort.frame[PICTURE].iloc[one.row]))
    if path.exists():
        st.image(path.read_bytes(), caption=markdown(caption), width=THUMB)
    else:
        st.caption(markdown(caption))


def closely(one: Hard, cohort: Cohort, folder: Path) -> None:
    """One picture, and where the model looks in it."""
    key = str(cohort.frame[PICTURE].iloc[one.row])

    def make() -> PictureMap:
        with st.spinner(translate("Covering one part of the picture after the other")):
            payload = {"run": str(folder), "row": one.row}
            return from_plain(PictureMap, ask("picture_map", payload, timeout=PATIENCE))

    try:
        pixels = open_picture(state.store.place, key)
        found = once("picture_map", (folder.name, one.row), make)
    except MedtuneError as error:
        widgets.trouble(error)
        return
    left, right = st.columns(2, gap="medium")
    png = picture_file(state.store.place, key).read_bytes()
    with left:
        st.image(png, width="stretch")
    with right:
        figure = drawn_map(png, found.parts, pixels.shape[0] / pixels.shape[1], look.theme(), translate=translate)
        widgets.plot(figure, "picture_map", "picture_map", numbers=False)
    reach = float(np.abs(np.asarray(found.parts)).max())
    widgets.aside(
        say("Red parts raise the estimated risk of {risk}, blue parts lower it.", risk=percent(found.risk)),
        say("Covering the strongest part changes the log-odds by {reach}.", reach=number(reach, 2)),
        say("Colour outside the finding warns: the model may look at the machine, a marker or the margin."),
        say("The map shows the final model, which has seen this picture; the risk above is out of fold."),
    )


def taken_otherwise(run: RunFolder) -> None:
    """What cross-validation can and cannot see, and the trial on altered pictures."""
    widgets.heading(say("Pictures taken otherwise"))
    st.markdown(
        translate(
            "Cross-validation compares pictures of the same source: same machine, same settings, same framing. "
            "It sees whether the model knows new patients of this source. It cannot see what another hospital's "
            "machine does to it. Altered pictures show a part of that; pictures from elsewhere show all of it."
        )
    )
    found = read_shift(run.path)
    if found is not None:
        _table(found)
        return
    job = st.session_state.get(_key(run))
    if job is not None:
        folder = state.store.run(job).path
        now = status(folder)
        if not now.final:
            progress.watch(folder)
            return
        progress.ended(now, folder)
    st.button(
        translate("Try it on altered pictures"), icon=":material/tune:", on_click=_begin, args=(run,), key="alter"
    )


def _key(run: RunFolder) -> str:
    return f"{PREFIX}shift.{run.id}"


def _begin(run: RunFolder) -> None:
    with state.troubles_kept():
        st.session_state[_key(run)] = begin_shift(state.store, run).id


def _table(found: Shift) -> None:
    heads = [say("Pictures"), say("AUROC (95% CI)"), say("Change (95% CI)"), say("Mean risk"), say("Log-loss")]
    rows = []
    for kind in found.kinds:
        change = "" if not kind.key else estimate(kind.change, 3)
        row = [translate(kind.title), estimate(kind.auroc, 3), change, percent(kind.mean_risk)]
        rows.append([*row, number(kind.log_loss, 3)])
    widgets.table(heads, rows)
    widgets.aside(
        say(
            "{method}, {n} held-out pictures, each scored by models that saw neither its patient nor any altered "
            "picture; {rate} have the event.",
            method=TITLES[found.method],
            n=number(found.n),
            rate=percent(found.event_rate),
        ),
        say("A mean risk far from the share with the event means that risks would be wrong there."),
    )
