"""Model files: what comes back is what went in, and nothing unsafe comes in."""

from __future__ import annotations

import bz2
import contextlib
import copy
import importlib
import io
import lzma
import pickle
import pkgutil
import subprocess
import sys
import zipfile
import zlib
from functools import cache

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, clone
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

import medtune.cohort
import medtune.models
import medtune.tuning
from medtune.cohort.preparation import make_preparation
from medtune.foundation.errors import ModelError
from medtune.foundation.settings import Averaging, Preparation
from medtune.foundation.words import say
from medtune.models.clinical import ClinicalModel
from medtune.models.files import CONVERT, dump_model, load_model, save_model
from medtune.models.passport import Passport, aggregates
from medtune.models.starting import ScoreColumn
from medtune.models.trust import TRUSTED
from medtune.tuning.update import AveragedUpdate
from tests.models.conftest import FAMILIES, fitted, patients


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_comes_back_with_bit_equal_risks(models, family, tmp_path):
    frame, _ = patients(80, seed=5)
    path = save_model(models[family], tmp_path / "deep" / "model.skops")
    again = load_model(path)
    np.testing.assert_array_equal(again.risk(frame), models[family].risk(frame))
    assert again.passport.to_json() == models[family].passport.to_json()
    assert [p.name for p in path.parent.iterdir()] == ["model.skops"]


@pytest.mark.parametrize(
    "preparation",
    [{"numbers": "iterative"}, {"scale": "robust", "indicators": True}, {"clip": 0.05, "categories": "level"}],
)
def test_every_preparation_comes_back(preparation):
    frame, _ = patients(80, seed=5)
    model = fitted("logistic", **preparation)
    np.testing.assert_array_equal(load_model(dump_model(model)).risk(frame), model.risk(frame))


def test_a_score_column_can_be_saved():
    model = ClinicalModel(ScoreColumn("score"), Passport("Score", say("A column."), ()))
    assert load_model(dump_model(model)).estimator.column == "score"


def test_a_model_within_a_model_comes_back(models):
    from sklearn.calibration import CalibratedClassifierCV

    frame, outcome = patients(80, seed=5)
    outer = CalibratedClassifierCV(models["logistic"]).fit(frame, outcome)
    model = ClinicalModel(outer, models["logistic"].passport)
    np.testing.assert_array_equal(load_model(dump_model(model)).risk(frame), model.risk(frame))


def plain(estimator, **encoder):
    frame, outcome = patients(120)
    frame = frame[["age", "lactate", "pain"]].fillna({"pain": "none"})
    encode = ColumnTransformer([("pain", OneHotEncoder(handle_unknown="ignore"), ["pain"])], remainder="passthrough")
    return make_pipeline(encode, estimator).fit(frame, outcome), frame


@pytest.mark.parametrize(
    "estimator", [LogisticRegression(max_iter=2000), DecisionTreeClassifier(max_depth=3), GaussianNB()]
)
def test_a_plain_scikit_learn_pipeline_is_accepted_with_its_columns(estimator):
    pipeline, frame = plain(estimator)
    model = load_model(skops.io.dumps(pipeline), "their model.skops")
    assert [column.name for column in model.columns] == ["age", "lactate", "pain"]
    assert [column.kind for column in model.columns] == ["number", "number", "category"]
    assert model.columns[2].levels == ("atypical", "none", "typical")
    np.testing.assert_array_equal(model.risk(frame), pipeline.predict_proba(frame)[:, 1])
    assert model.name == "their model"
    assert "'1'" in str(model.passport.notes[0])


def test_columns_given_by_position_are_found_too():
    frame, outcome = patients(60)
    frame = frame[["pain", "age"]].fillna({"pain": "none"})
    encode = ColumnTransformer([("pain", OneHotEncoder(), [0])], remainder="passthrough")
    model = load_model(skops.io.dumps(make_pipeline(encode, GaussianNB()).fit(frame, outcome)))
    assert model.columns[0].levels == ("atypical", "none", "typical")
    assert model.columns[1].kind == "number"


def test_a_classifier_that_never_saw_column_names_is_explained():
    frame, outcome = patients(60)
    blind = LogisticRegression().fit(frame[["age"]].to_numpy(), outcome)
    with pytest.raises(ModelError, match="does not know the names of its columns"):
        load_model(skops.io.dumps(blind))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (LinearRegression().fit([[1.0], [2.0]], [1, 2]), "not a classifier that gives probabilities"),
        (LogisticRegression(), "must be fitted"),
        (LogisticRegression().fit(np.eye(9), range(9)), "two to 8 classes; it has 9"),
        ({"format": "medtune-model-99"}, "a form that this version does not know"),
        ([1, 2], "not a classifier"),
    ],
)
def test_what_is_no_usable_classifier_is_explained(content, words):
    with pytest.raises(ModelError, match=words):
        load_model(skops.io.dumps(content))


def test_a_type_that_is_not_reviewed_is_named_and_not_loaded():
    pipeline, _ = plain(KNeighborsClassifier())
    with pytest.raises(ModelError, match=r"'sklearn\.neighbors.*score column"):
        load_model(skops.io.dumps(pipeline))


def test_a_function_in_a_transformer_is_refused():
    frame, outcome = patients(60)
    model = make_pipeline(FunctionTransformer(copy.deepcopy), GaussianNB()).fit(frame[["age"]], outcome)
    with pytest.raises(ModelError, match=r"copy\.deepcopy"):
        load_model(skops.io.dumps(model))


def test_a_model_that_could_not_be_loaded_again_is_not_saved(models, tmp_path):
    pipeline, _ = plain(KNeighborsClassifier())
    with pytest.raises(ModelError, match="not on the reviewed list"):
        save_model(ClinicalModel(pipeline, models["logistic"].passport), tmp_path / "model.skops")
    assert not list(tmp_path.iterdir())


class Bomb:
    def __reduce__(self):
        return (exec, ("raise SystemExit('a pickle was opened')",))


def _joblib(compress) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(Bomb(), buffer, compress=compress)
    return buffer.getvalue()


PICKLES = {
    "pickle": pickle.dumps(Bomb()),
    "pickle protocol 0": b"cos\nsystem\n(S'x'\ntR.",
    "zlib": zlib.compress(pickle.dumps(Bomb())),
    "bz2": bz2.compress(pickle.dumps(Bomb())),
    "xz": lzma.compress(pickle.dumps(Bomb())),
    "joblib zlib": _joblib(3),
    "joblib lzma": _joblib(("lzma", 3)),
    "joblib gzip": _joblib(("gzip", 3)),
}


@pytest.mark.parametrize("kind", PICKLES)
def test_a_pickle_is_refused_with_the_command_that_converts_it(kind):
    with pytest.raises(ModelError, match=r"is a pickle.*skops\.io\.dump\(joblib\.load\('model\.joblib'\)"):
        load_model(PICKLES[kind], "model.joblib")


@pytest.mark.parametrize("kind", [kind for kind in PICKLES if kind != "pickle protocol 0"])
def test_a_pickle_under_another_name_is_known_by_its_content(kind):
    with pytest.raises(ModelError, match="is a pickle"):
        load_model(PICKLES[kind], "model.skops")


def test_the_command_that_converts_does_so(tmp_path):
    pipeline, frame = plain(LogisticRegression(max_iter=2000))
    joblib.dump(pipeline, tmp_path / "model.joblib")
    command = CONVERT.format(source="model.joblib", target="model.skops").removeprefix('python -c "').removesuffix('"')
    subprocess.run([sys.executable, "-c", command], cwd=tmp_path, check=True)
    model = load_model(tmp_path / "model.skops")
    np.testing.assert_array_equal(model.risk(frame), pipeline.predict_proba(frame)[:, 1])


def test_a_file_name_cannot_smuggle_anything_into_the_command():
    with pytest.raises(ModelError) as caught:
        load_model(PICKLES["pickle"], "x'); import os; os.system('y')#.pkl")
    assert "joblib.load('model.joblib')" in str(caught.value)


def _zip(**files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"age,sex\n1,2\n",
        b"PK\x03\x04 broken",
        _zip(data_pkl="x"),
        _zip(schema_json="{}"),
        _zip(schema_json="[" * 9999),
    ],
)
def test_other_files_are_refused_in_words(data):
    with pytest.raises(ModelError, match=r"'upload\.skops' is not a model file"):
        load_model(data, "upload.skops")


def test_a_damaged_file_is_refused_in_words(models):
    data = bytearray(dump_model(models["logistic"]))
    data[200:260] = bytes(60)
    with pytest.raises(ModelError):
        load_model(bytes(data), "upload.skops")


@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from(list('"{}[]0129-,:abc_. '))), min_size=1, max_size=8))
@settings(max_examples=25)
def test_a_tampered_file_gives_a_sentence_or_a_model_and_nothing_else(changes):
    source, changed = io.BytesIO(small()), io.BytesIO()
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(changed, "w") as after:
        for entry in before.namelist():
            content = bytearray(before.read(entry))
            for place, letter in changes if entry == "schema.json" else ():
                content[int(place * (len(content) - 1))] = ord(letter)
            after.writestr(entry, bytes(content))
    with contextlib.suppress(ModelError):
        assert isinstance(load_model(changed.getvalue()), ClinicalModel)


@cache
def small() -> bytes:
    return dump_model(fitted("logistic", n=60))


def test_every_estimator_of_medtune_is_on_the_reviewed_list():
    found = set()
    for room in (medtune.cohort, medtune.models, medtune.tuning):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            for thing in vars(importlib.import_module(module.name)).values():
                ours = isinstance(thing, type) and issubclass(thing, BaseEstimator) and thing.__module__ == module.name
                found |= {f"{thing.__module__}.{thing.__name__}"} if ours else set()
    in_common = {"medtune.tuning.update.Update", "medtune.tuning.receiving.Receiving"}  # nothing of their own is saved
    in_common |= {"medtune.tuning.classes.update.ClassUpdate", "medtune.models.elastic_path.LinearRisks"}
    assert found - in_common <= set(TRUSTED)
    assert "medtune.tuning.update.AveragedUpdate" in found


def test_an_update_that_carries_its_source_and_prior_comes_back(models):
    frame, outcome = patients(100, seed=5)
    base = models["logistic"]
    preparation = make_preparation(base.columns, Preparation(scale="none"))
    source = aggregates(clone(preparation).fit_transform(frame), base.risk(frame))
    update = AveragedUpdate(base, preparation, source, Averaging(unchanged=0.4)).fit(frame, outcome)
    model = ClinicalModel(update, base.passport.with_(aggregates=source))
    again = load_model(dump_model(model))
    np.testing.assert_array_equal(again.risk(frame), model.risk(frame))
    np.testing.assert_array_equal(again.estimator.source.information, source.information)
    np.testing.assert_array_equal(again.passport.aggregates.information, source.information)
    assert again.estimator.averaging.unchanged == 0.4
    assert again.estimator.base.passport.name == base.name


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"no model file 'lost\.skops'"):
        load_model(tmp_path / "lost.skops")


def test_an_archive_that_would_fill_the_memory_is_refused(monkeypatch, models):
    monkeypatch.setattr("medtune.models.files.LARGEST", 1000)
    with pytest.raises(ModelError, match="would unpack to more than"):
        load_model(dump_model(models["logistic"]))


NUMBERS = pd.DataFrame(np.random.default_rng(0).normal(size=(80, 3)), columns=list("abc"))
TREES = (
    DecisionTreeClassifier(max_depth=3),
    RandomForestClassifier(4, max_depth=3, random_state=0),
    GradientBoostingClassifier(n_estimators=3),
    HistGradientBoostingClassifier(max_iter=3),
)


def _nodes(model):
    """The arrays in which a tree keeps its nodes, writable."""
    if hasattr(model, "_predictors"):
        return model._predictors[-1][0].nodes, ("left", "right"), "feature_idx"
    tree = np.ravel(getattr(model, "estimators_", [model]))[-1].tree_
    return tree.__getstate__()["nodes"], ("left_child", "right_child"), "feature"


@pytest.mark.parametrize("damage", ["far away", "backwards", "wrong column", "negative column"])
@pytest.mark.parametrize("estimator", TREES, ids=lambda estimator: type(estimator).__name__)
def test_a_tree_that_points_outside_itself_is_refused(estimator, damage):
    model = estimator.fit(NUMBERS, (NUMBERS.a + NUMBERS.b > 0).astype(int))
    data = skops.io.dumps(model)
    load_model(data)
    before = skops.io.loads(data, trusted=list(TRUSTED))
    nodes, children, feature = _nodes(before)
    field, value = {
        "far away": (children[0], 10**6),
        "backwards": (children[1], 0),
        "wrong column": (feature, 3),
        "negative column": (feature, -7),
    }[damage]
    if nodes[field].dtype.kind == "u" and value < 0:
        value = 10**6
    nodes[field][0] = value
    _put_back(before, nodes)
    with pytest.raises(ModelError, match="points outside itself"):
        load_model(skops.io.dumps(before))


def _put_back(model, nodes) -> None:
    if hasattr(model, "_predictors"):
        model._predictors[-1][0].nodes = nodes
        return
    tree = np.ravel(getattr(model, "estimators_", [model]))[-1].tree_
    state = tree.__getstate__()
    state["nodes"] = nodes
    tree.__setstate__(state)


def test_a_forest_whose_trees_expect_other_columns_is_refused():
    outcome = (NUMBERS.a > 0).astype(int)
    forest = RandomForestClassifier(3, random_state=0).fit(NUMBERS, outcome)
    wide = pd.concat([NUMBERS, NUMBERS.add_suffix("2")], axis=1)
    forest.estimators_[2] = DecisionTreeClassifier().fit(wide.to_numpy(), outcome)
    with pytest.raises(ModelError, match="points outside itself"):
        load_model(skops.io.dumps(forest))


def test_a_file_of_another_version_is_loaded_with_a_note(models):
    source = io.BytesIO(dump_model(models["logistic"]))
    import sklearn

    changed = io.BytesIO()
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(changed, "w") as after:
        for entry in before.namelist():
            content = before.read(entry)
            after.writestr(entry, content.replace(sklearn.__version__.encode(), b"1.2.0"))
    model = load_model(changed.getvalue())
    assert [str(note) for note in model.passport.notes][-1].startswith("The file was written with scikit-learn 1.2.0")
    assert len(load_model(dump_model(model)).passport.notes) == 1
