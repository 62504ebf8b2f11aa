"""Without LightGBM's own needs, boosted trees are not offered and say why."""

import ctypes

import pytest

from medtune.foundation.errors import ModelError
from medtune.foundation.settings import Settings
from medtune.models import boosting_here
from medtune.models.booster_text import read_booster
from medtune.models.boosting_here import boosting_missing
from medtune.tuning.candidates import objections


@pytest.fixture
def without_openmp(monkeypatch):
    def refuse(path, *more, **other):
        raise OSError("libgomp.so.1: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    boosting_missing.cache_clear()
    yield
    boosting_missing.cache_clear()


def test_nothing_is_missing_where_lightgbm_works():
    import lightgbm

    assert lightgbm.__version__
    assert boosting_missing() is None


def test_the_boosted_revision_is_not_offered_and_says_what_to_install(without_openmp):
    said = objections(Settings(), 400, 200, 5)
    assert "libgomp1" in str(said["boosted"])
    assert said["averaged"] is None


def test_a_model_with_trees_says_so_too(without_openmp):
    read_booster.cache_clear()
    with pytest.raises(ModelError, match="Needs OpenMP"):
        read_booster("tree\n", 3)


def test_a_package_that_is_absent_is_named(monkeypatch):
    monkeypatch.setattr(boosting_here.importlib.util, "find_spec", lambda name: None)
    boosting_missing.cache_clear()
    assert "lightgbm" in str(boosting_missing())
    boosting_missing.cache_clear()
