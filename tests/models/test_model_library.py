"""The library of saved models."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from medtune.foundation.errors import ModelError
from medtune.models.clinical import ClinicalModel
from medtune.models.model_library import Library
from tests.models.conftest import patients


@pytest.fixture
def library(tmp_path):
    return Library(tmp_path / "home")


def named(model: ClinicalModel, name: str, **changes) -> ClinicalModel:
    return ClinicalModel(model.estimator, model.passport.with_(name=name, **changes))


def test_an_empty_library_lists_nothing(library):
    assert library.list() == ()
    assert library.troubles() == ()


def test_a_saved_model_is_listed_and_scores_as_before(library, models):
    frame, _ = patients(40, seed=4)
    passport = library.add(named(models["random_forest"], "Cleveland heart"))
    assert [found.to_json() for found in library.list()] == [passport.to_json()]
    assert passport.id.startswith("cleveland-heart-")
    np.testing.assert_array_equal(library.open(passport.id).risk(frame), models["random_forest"].risk(frame))
    assert library.path(passport.id).is_file()


def test_the_newest_model_comes_first(library, models):
    for day in ("02", "03", "01"):
        library.add(named(models["logistic"], f"day {day}", created=f"2026-01-{day}T00:00:00+00:00"))
    assert [passport.name for passport in library.list()] == ["day 03", "day 02", "day 01"]


def test_a_taken_name_gets_a_number(library, models):
    names = [library.add(named(models["logistic"], name)).name for name in ("Heart", "Heart", "heart")]
    assert names == ["Heart", "Heart (2)", "heart (3)"]


@pytest.mark.parametrize("name", ["心脏病模型", "///", "..", "a" * 500, "  spaced \n out  "])
def test_any_name_makes_a_safe_folder(library, models, name):
    passport = library.add(named(models["logistic"], name))
    assert library.path(passport.id).resolve().is_relative_to(library.folder.resolve())
    assert library.open(passport.id).name == passport.name
    assert "\n" not in passport.name


def test_renaming_keeps_the_id_and_reaches_the_exported_file(library, models):
    identifier = library.add(models["logistic"]).id
    library.add(named(models["logistic"], "Taken"))
    assert library.rename(identifier, "Taken").name == "Taken (2)"
    assert library.rename(identifier, " New name ").name == "New name"
    assert library.rename(identifier, "New name").name == "New name"
    copied = library.import_bytes(library.export_bytes(identifier))
    assert copied.name == "New name (2)"
    assert copied.id != identifier


def test_a_model_without_a_name_is_refused(library, models):
    identifier = library.add(models["logistic"]).id
    with pytest.raises(ModelError, match="needs a name"):
        library.rename(identifier, "  ")
    assert library.passport(identifier).name == "Test model"


def test_a_deleted_model_is_gone(library, models):
    identifier, other = library.add(models["logistic"]).id, library.add(models["logistic"]).id
    library.delete(identifier)
    assert [passport.id for passport in library.list()] == [other]
    assert [place.name for place in library.folder.iterdir()] == [other]
    with pytest.raises(ModelError, match="no model"):
        library.delete(identifier)


@pytest.mark.parametrize("identifier", ["", ".", "..", "../models", "a/b", "lost-1a2b", "/etc", ".new-x"])
def test_an_id_that_is_not_there_is_refused(library, models, identifier):
    library.add(models["logistic"])
    for action in (library.open, library.delete, library.passport, library.path, lambda i: library.rename(i, "x")):
        with pytest.raises(ModelError, match="no model"):
            action(identifier)
    assert len(library.list()) == 1


def test_a_damaged_passport_is_told_and_does_not_hide_the_others(library, models):
    good, bad = library.add(models["logistic"]).id, library.add(models["logistic"]).id
    (library.folder / bad / "passport.json").write_text("{")
    assert [passport.id for passport in library.list()] == [good]
    assert bad in str(library.troubles()[0])
    library.delete(bad)
    assert library.troubles() == ()


def test_a_model_that_cannot_be_saved_leaves_nothing_behind(library, models):
    class Stranger(type(models["logistic"].estimator)):
        pass

    stranger = Stranger(models["logistic"].estimator.steps)
    with pytest.raises(ModelError):
        library.add(ClinicalModel(stranger, models["logistic"].passport))
    assert library.list() == ()
    assert not library.folder.exists() or not list(library.folder.iterdir())


def test_listing_imports_neither_scikit_learn_nor_skops(library, models):
    library.add(models["logistic"])
    code = (
        "import sys; from medtune.models.model_library import Library;"
        f"names = [p.name for p in Library({str(library.folder.parent)!r}).list()];"
        "heavy = {'sklearn', 'skops', 'shap', 'statsmodels', 'scipy'} & set(sys.modules);"
        "assert names == ['Test model'], names; assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
