"""Serve the dashboard: ``python -m medtune.ui.serve`` is ``streamlit run app.py``, prepared for its first visitor."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

APP = Path(__file__).resolve().parents[2] / "app.py"


def main() -> None:
    """Start Streamlit with the options given on the command line."""
    from streamlit.runtime.pages_manager import PagesManager
    from streamlit.web import cli

    # Until st.navigation has run once, Streamlit takes the folder pages/ for its older kind of pages and greets
    # whoever opens a deep link on a fresh server with "Page not found". What st.navigation sets is set here ahead.
    PagesManager.uses_pages_directory = False
    drop_late_ticks()
    _import_ahead()
    sys.argv = ["streamlit", "run", str(APP), *sys.argv[1:]]
    cli.main()


def drop_late_ticks() -> None:
    """Let no tick of a page that was left run on the page that came after it.

    A fragment that draws itself again and again asks the server from the browser. Such a request may still wait while
    the next page is being made. Streamlit looks whether the fragment exists when the request comes, but not when its
    turn comes; by then the fragment has gone with its page, nothing is drawn, and the browser, told that the old page
    is back, drops the new one. So it is looked at again here.
    """
    from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

    if hasattr(ScriptRunner._run_script, "drops_late_ticks"):
        return
    run = ScriptRunner._run_script

    def run_unless_late(self: ScriptRunner, rerun_data: RerunData) -> None:
        asked = rerun_data.fragment_id_queue
        if asked and not any(self._fragment_storage.contains(one) for one in asked):
            return
        run(self, rerun_data)

    run_unless_late.drops_late_ticks = True
    ScriptRunner._run_script = run_unless_late


def _import_ahead() -> None:
    """What every page needs, so that the first one need not wait for it."""
    import pandas
    import plotly.graph_objects

    import medtune.figures.theme

    _ = pandas, plotly, medtune


if __name__ == "__main__":
    main()
