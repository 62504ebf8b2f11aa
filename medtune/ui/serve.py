"""Serve the dashboard: ``python -m medtune.ui.serve`` is ``streamlit run app.py``, prepared for its first visitor."""

from __future__ import annotations

import sys
from pathlib import Path

APP = Path(__file__).resolve().parents[2] / "app.py"


def main() -> None:
    """Start Streamlit with the options given on the command line."""
    from streamlit.runtime.pages_manager import PagesManager
    from streamlit.web import cli

    # Until st.navigation has run once, Streamlit takes the folder pages/ for its older kind of pages and greets
    # whoever opens a deep link on a fresh server with "Page not found". What st.navigation sets is set here ahead.
    PagesManager.uses_pages_directory = False
    _import_ahead()
    sys.argv = ["streamlit", "run", str(APP), *sys.argv[1:]]
    cli.main()


def _import_ahead() -> None:
    """What every page needs, so that the first one need not wait for it."""
    import pandas
    import plotly.graph_objects

    import medtune.figures.theme

    _ = pandas, plotly, medtune


if __name__ == "__main__":
    main()
