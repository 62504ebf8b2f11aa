"""What a session remembers, over page switches and reloads."""

import pytest
from streamlit.testing.v1 import AppTest

from medtune.cohort.demo import two_hospitals
from medtune.runs.store import Store


def session(script):
    return AppTest.from_function(script, default_timeout=30).run()


def script():
    import streamlit as st

    from medtune.ui.binding import bind
    from medtune.ui.state import state

    state.begin()
    if st.toggle("Shown", value=True):
        st.selectbox("Scale", ["standard", "robust", "none"], **bind("settings.preparation.scale"))
        shown = {"show": lambda share: round(100 * share, 1), "read": lambda percent: percent / 100}
        st.slider("Clip", min_value=0.0, max_value=10.0, step=0.5, **bind("settings.preparation.clip", **shown))
    if st.button("Reset"):
        state.change(preparation=type(state.settings.preparation)())
        st.rerun()
    st.text(state.settings.preparation.scale)
    st.text(str(state.settings.preparation.clip))


def test_a_bound_widget_writes_to_the_state_and_follows_it():
    at = session(script)
    at.selectbox[0].select("robust").run()
    at.slider[0].set_value(2.5).run()
    assert [text.value for text in at.text] == ["robust", "0.025"]
    at.button[0].click().run()
    assert (at.selectbox[0].value, at.slider[0].value) == ("standard", 0.0)


def test_a_widget_that_was_away_comes_back_with_its_value():
    at = session(script)
    at.selectbox[0].select("none").run()
    at.toggle[0].set_value(False).run()
    assert not at.selectbox
    at.toggle[0].set_value(True).run()
    assert at.selectbox[0].value == "none"


def test_a_new_session_finds_the_settings_of_the_last_one():
    session(script).selectbox[0].select("robust").run()
    again = session(script)
    assert again.selectbox[0].value == "robust"


def cohort_script():
    import streamlit as st

    from medtune.ui.state import state

    state.begin()
    if state.trouble:
        st.error(str(state.trouble))
    st.text(state.cohort.name if state.cohort is not None else "nobody")
    st.text(repr(state.run_id))


@pytest.fixture(scope="module")
def local():
    return two_hospitals()[1]


def test_a_new_session_finds_the_patients_in_use(local):
    store = Store()
    store.remember("cohort_id", store.add_cohort(local))
    assert session(cohort_script).text[0].value == local.name


def test_patients_that_are_gone_are_said_to_be_gone_once(local):
    store = Store()
    known = store.add_cohort(local)
    store.remember("cohort_id", known)
    (store.place / "cohorts" / known / "card.json").unlink()
    at = session(cohort_script)
    assert at.text[0].value == "nobody"
    assert "open its file again" in at.error[0].value
    assert not session(cohort_script).error


def test_a_run_that_is_gone_leaves_the_view():
    Store().remember("run_id", "20250101-000000-abcdef")
    at = session(cohort_script)
    assert at.text[1].value == "''"
    assert len(at.error) == 1


def test_other_patients_put_the_run_of_the_former_out_of_view(local):
    def script():
        import streamlit as st

        from medtune.cohort.demo import two_hospitals
        from medtune.ui.state import state

        state.begin()
        source, local = two_hospitals()
        state.use_cohort(local)
        state.run_id, state.prepared = "some-run", True
        state.use_cohort(local)
        st.text(f"{state.run_id!r} {state.prepared}")
        state.use_cohort(source)
        st.text(f"{state.run_id!r} {state.prepared}")

    at = AppTest.from_function(script, default_timeout=30).run()
    assert [text.value for text in at.text] == ["'some-run' True", "'' False"]


def test_a_run_comes_with_its_settings_even_when_its_patients_are_gone(local):
    def script():
        import streamlit as st

        from medtune.foundation.settings import Settings
        from medtune.runs.execution import cancel
        from medtune.runs.store import Store
        from medtune.ui.state import state

        state.begin()
        store = Store()
        run = store.new_run("fine_tune", "x", store.cohorts()[0].id, Settings(policy="clear").to_json())
        cancel(run.path)
        store.delete_cohort(store.cohorts()[0].id)
        state.use_run(run.id)
        st.text(f"{state.settings.policy} {state.prepared} {state.cohort} {state.trouble}")
        st.text(state.run.id == run.id)

    Store().add_cohort(local)
    at = AppTest.from_function(script, default_timeout=30).run()
    assert at.text[0].value.startswith("clear True None This cohort is no longer kept")
    assert at.text[1].value == "True"


def test_the_file_at_hand_stays_when_a_run_of_some_of_its_patients_is_opened():
    def script():
        import pandas as pd
        import streamlit as st

        from medtune.cohort.reading import read_table
        from medtune.ui import choices
        from medtune.ui.state import state

        state.begin()
        frame = pd.DataFrame({"site": ["a", "b"] * 30, "age": [30 + k % 37 for k in range(60)], "died": [0, 1, 1] * 20})
        choices.take_table(read_table(frame.to_csv(index=False).encode(), "t.csv"), "t.csv", "upload-1")
        ids = []
        for site in ("a", "b"):
            state.cleaning = type(state.cleaning)(only=("site", (site,)))
            cohort, _ = choices.draft()
            state.use_cohort(cohort, state.table_name)
            ids.append(state.cohort_id)
        run = state.store.new_run("fine_tune", "x", ids[0])
        state.use_run(run.id)
        st.text(f"{len(state.table.frame)} {state.cleaning.only} {state.cohort.n} {state.cohort_id == ids[0]}")

    at = AppTest.from_function(script, default_timeout=30).run()
    assert at.text[0].value == "60 ('site', ('a',)) 30 True"
