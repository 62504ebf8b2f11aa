"""A home of its own for each test, left without processes."""

import pytest

from medtune.runs import execution
from medtune.runs.store import Store


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("MEDTUNE_HOME", str(tmp_path / "home"))
    store = Store()
    yield store
    for path in (store.place / "runs").iterdir():
        execution.end_later(path)
        execution.cancel(path, grace=0.0)
