"""What the warm process answers about models; asked here without a process between."""

import json

import numpy as np
import pytest

from medtune.foundation.errors import ColumnsError, ModelError
from medtune.foundation.records import from_plain, to_plain
from medtune.models.files import load_model, save_model
from medtune.models.model_library import Library
from medtune.models.passport import Passport
from medtune.models.scoring import open_scored
from medtune.runs import questions
from medtune.runs.standby import QUESTIONS
from medtune.runs.worker import function_at
from tests.models.conftest import fitted, patients


@pytest.fixture(scope="module")
def model():
    return fitted("logistic")


@pytest.fixture
def library(own_home):
    return Library(own_home)


def score(library, passport, frame, folder):
    frame.to_parquet(folder / "patients.parquet")
    file = library.path(passport.id)
    questions.score_table(
        {
            "model": str(file),
            "passport": str(file.with_name("passport.json")),
            "table": str(folder / "patients.parquet"),
            "folder": str(folder),
        }
    )
    return open_scored(folder)


def test_every_question_has_a_function_that_answers_it():
    assert all(callable(function_at(place)) for place in QUESTIONS.values())


def test_a_table_is_scored_as_the_model_itself_would(library, model, tmp_path):
    frame = patients(50, seed=4)[0]
    scored = score(library, library.add(model), frame, tmp_path)
    np.testing.assert_allclose(scored.risk, model.risk(frame), atol=5e-7)


def test_a_model_is_called_by_its_present_name_when_it_cannot_score(library, model, tmp_path):
    passport = library.rename(library.add(model).id, "Renamed")
    with pytest.raises(ColumnsError, match="lacks 4 of the 5 columns"):
        score(library, passport, patients(10)[0][["age"]], tmp_path)


def test_a_file_brought_along_is_inspected_and_rewritten_for_the_library(library, model, tmp_path):
    save_model(model, tmp_path / "given")
    payload = {"model": str(tmp_path / "given"), "name": "theirs.skops", "keep": str(tmp_path / "kept.skops")}
    answer = json.loads(json.dumps(to_plain(questions.inspect_model(payload))))
    passport = library.add_file(tmp_path / "kept.skops", from_plain(Passport, answer))
    frame = patients(20)[0]
    np.testing.assert_array_equal(library.open(passport.id).risk(frame), model.risk(frame))


def test_a_plain_scikit_learn_model_becomes_one_that_the_library_opens(library, tmp_path):
    import skops.io
    from sklearn.linear_model import LogisticRegression

    frame, outcome = patients(100)
    frame = frame[["age", "lactate"]]
    plain = LogisticRegression().fit(frame, outcome)
    skops.io.dump(plain, tmp_path / "given")
    payload = {"model": str(tmp_path / "given"), "name": "plain.skops", "keep": str(tmp_path / "kept.skops")}
    passport = library.add_file(tmp_path / "kept.skops", questions.inspect_model(payload))
    np.testing.assert_allclose(library.open(passport.id).risk(frame), plain.predict_proba(frame)[:, 1])


def test_a_pickle_is_refused_under_the_users_name_for_it_and_nothing_is_written(tmp_path):
    (tmp_path / "given").write_bytes(b"\x80\x04\x95abc")
    payload = {"model": str(tmp_path / "given"), "name": "model.joblib", "keep": str(tmp_path / "kept.skops")}
    with pytest.raises(ModelError, match=r"'model.joblib' is a pickle.*convert it on their own machine"):
        questions.inspect_model(payload)
    assert not (tmp_path / "kept.skops").exists()


def test_an_exported_file_carries_the_present_name(library, model, tmp_path):
    passport = library.rename(library.add(model).id, "Our model")
    questions.export_model({"home": str(library.folder.parent), "id": passport.id, "file": str(tmp_path / "out")})
    assert load_model((tmp_path / "out").read_bytes()).name == "Our model"
