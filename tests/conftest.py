"""What every test shares: a data folder of its own, one thread, the same random cases in continuous integration."""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy is imported; busy OpenMP threads slow each other down

os.environ["MEDTUNE_AFTERWARDS"] = "when asked"  # or every run of a test would leave half a minute's work behind

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True, max_examples=40)
settings.load_profile("ci" if os.environ.get("CI") else "here")


class OneBrowser(LoadScopeScheduling):
    """Files side by side, but those with a browser after each other: each keeps two cores busy."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return "tests/browser" if file.startswith("tests/browser/") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """How pytest-xdist shares the tests out."""
    return OneBrowser(config, log)


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch):
    """A fresh folder for models and runs, so that no test sees what another (or the user) has stored."""
    home = tmp_path_factory.mktemp("medtune-home")
    monkeypatch.setenv("MEDTUNE_HOME", str(home))
    return home
