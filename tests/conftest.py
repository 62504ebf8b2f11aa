"""What every test shares: a data folder of its own, one thread, the same random cases in continuous integration."""

from __future__ import annotations

import os
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy is imported; busy OpenMP threads slow each other down

os.environ["MEDTUNE_AFTERWARDS"] = "when asked"  # or every run of a test would leave half a minute's work behind

import pytest
from hypothesis import settings

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True, max_examples=40)
settings.load_profile("ci" if os.environ.get("CI") else "here")


HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Where files run side by side (pytest-xdist), those with a browser stay together: each keeps two cores busy."""
    for item in items:
        folder = item.path.parent.name
        item.add_marker(
            pytest.mark.xdist_group("browser" if folder == "browser" else item.path.relative_to(HERE).as_posix())
        )


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch):
    """A fresh folder for models and runs, so that no test sees what another (or the user) has stored."""
    home = tmp_path_factory.mktemp("medtune-home")
    monkeypatch.setenv("MEDTUNE_HOME", str(home))
    return home
