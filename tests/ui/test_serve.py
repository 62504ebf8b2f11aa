"""What serving adds to Streamlit: ticks of a page that was left do not run on the next one."""

from types import SimpleNamespace

import pytest
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

from medtune.ui.serve import drop_late_ticks


@pytest.fixture
def ran(monkeypatch):
    """Requests that reach Streamlit's own run of a script."""
    reached = []
    monkeypatch.setattr(ScriptRunner, "_run_script", lambda self, data: reached.append(data))
    drop_late_ticks()
    return reached


def runner(*fragments):
    storage = MemoryFragmentStorage()
    for name in fragments:
        storage.register(name, lambda: None)
    return SimpleNamespace(_fragment_storage=storage)


def test_a_tick_of_a_fragment_that_has_gone_does_not_run(ran):
    ScriptRunner._run_script(runner("other"), RerunData(fragment_id_queue=["gone"]))
    assert ran == []


def test_a_tick_of_a_fragment_that_is_there_runs(ran):
    tick = RerunData(fragment_id_queue=["gone", "here"])
    ScriptRunner._run_script(runner("here"), tick)
    assert ran == [tick]


def test_a_whole_page_always_runs(ran):
    page = RerunData(page_script_hash="abc")
    ScriptRunner._run_script(runner(), page)
    assert ran == [page]


def test_it_is_done_once(ran):
    before = ScriptRunner._run_script
    drop_late_ticks()
    assert ScriptRunner._run_script is before
