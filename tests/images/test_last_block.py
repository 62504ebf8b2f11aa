"""The last block of the network tuned to pictures: altered copies, the head it starts from, a file that keeps it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.columns import describe
from medtune.cohort.preparation import make_preparation
from medtune.evaluation.logistic import expit, logit
from medtune.explanation.contributions import explain
from medtune.foundation.errors import PicturesError
from medtune.foundation.words import say
from medtune.images import tuned_network
from medtune.images.keeping import keep_picture, key_of, look_in
from medtune.images.network import NETWORK, network_here
from medtune.models.clinical import ClinicalModel
from medtune.models.files import dump_model, load_model
from medtune.models.passport import Passport
from tests.images.pictures import drawn, file_of

needs_network = pytest.mark.skipif(not network_here(), reason="the packages of requirements-images.txt are not here")
SET = "0123456789abcdef"
N = 40


@pytest.fixture
def pictures(tmp_path):
    """Kept pictures, half of them rough, as a table with one more predictor."""
    keys = []
    (tmp_path / "images" / SET).mkdir(parents=True)
    for place in range(N):
        keep_picture(tmp_path / "images" / SET, place, file_of(drawn(place, rough=place % 2 == 1)))
        keys.append(key_of(SET, place))
    look_in(tmp_path)
    yield pd.DataFrame({"picture": keys, "age": np.random.default_rng(0).normal(60, 9, N)})
    look_in.__globals__["_looked_in"].clear()


def tuned(frame, rounds=2, monkeypatch=None):
    from medtune.images import last_block

    monkeypatch.setattr(last_block, "MOST_EPOCHS", rounds)
    maps = last_block.maps_before([drawn(place, rough=place % 2 == 1) for place in range(N)])[:, None]
    preparation = make_preparation(describe(frame[["age"]]))
    y = np.arange(N) % 2
    return tuned_network.tune_network(frame[["age"]], y, maps, preparation, strength=30.0), maps, y


@needs_network
@pytest.mark.parametrize("colour", [False, True])
def test_an_altered_copy_is_another_picture_of_the_same_kind(colour):
    from medtune.images.last_block import altered_copy

    pixels = drawn(3, side=40, rough=True, colour=colour)
    one, again, other = (altered_copy(pixels, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (one.shape, one.dtype) == (pixels.shape, np.uint8)
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert abs(float(one.mean()) - pixels.mean()) < 0.35 * pixels.mean()
    assert np.corrcoef(np.sort(one, axis=None), np.sort(pixels, axis=None))[0, 1] > 0.9


@needs_network
def test_without_a_training_round_it_is_the_ridge_head_on_the_frozen_network(pictures, monkeypatch):
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    from medtune.images.last_block import means_after
    from medtune.images.network import embed

    (model, rounds), maps, y = tuned(pictures, 0, monkeypatch)
    assert rounds == 0
    frozen = means_after(maps[:, 0])
    assert np.allclose(frozen, embed([drawn(place, rough=place % 2 == 1) for place in range(N)]), atol=1e-2)
    X = StandardScaler().fit_transform(np.column_stack([frozen, pictures["age"]]))
    usual = LogisticRegression(C=1 / 30, max_iter=2000).fit(X, y).predict_proba(X)[:, 1]
    assert np.allclose(expit(tuned_network.log_odds_of(model, pictures, maps)), usual, atol=1e-3)


@needs_network
def test_training_rounds_lower_the_loss_of_the_pictures_they_see(pictures):
    from medtune.images.last_block import Examples, Trainer, Tuned, log_odds, maps_before

    maps = maps_before([drawn(place, rough=place % 2 == 1) for place in range(N)])[:, None]
    y = np.random.default_rng(1).integers(0, 2, N)  # nothing to see: only weights that were trained can fit it
    examples = Examples(maps, np.zeros(N), y)
    trainer = Trainer(examples, Tuned({}, np.random.default_rng(0).normal(0, 0.3, len(NETWORK)), 0.0), 0.0, 0)
    before = trainer.now()
    for _ in range(4):
        trainer.epoch()
    after = trainer.now()
    losses = [np.logaddexp(0, np.where(y == 1, -1, 1) * log_odds(examples, one)).mean() for one in (before, after)]
    assert losses[1] < losses[0]
    assert all(not np.array_equal(after.block[name], values) for name, values in before.block.items())


@needs_network
def test_a_saved_network_scores_kept_pictures_as_it_did_before(pictures, monkeypatch):
    (model, _), maps, _y = tuned(pictures, 1, monkeypatch)
    model.block = {name: values * 1.01 for name, values in _weights().items()}
    passport = Passport("network", say("Made for a test."), tuple(describe(pictures)))
    again = load_model(dump_model(ClinicalModel(model, passport)))
    risk = again.risk(pictures)
    assert np.allclose(risk, expit(tuned_network.log_odds_of(model, pictures, maps)), atol=1e-3)
    assert np.allclose(again.risk(pictures.iloc[::-1])[::-1], risk)
    told = explain(again, pictures)
    assert told.columns == ("age", "picture")
    assert np.allclose(told.baseline + told.contributions.sum(axis=1), logit(risk), atol=1e-6)
    gone = pictures.assign(picture=key_of(SET, 77))
    with pytest.raises(PicturesError, match="no longer kept"):
        again.risk(gone)


def _weights():
    from medtune.images.last_block import _block

    return {name: value.detach().numpy().copy() for name, value in _block().named_parameters() if "conv" in name}


def test_without_the_packages_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(tuned_network, "network_here", lambda: False)
    model = tuned_network.TunedNetwork(None, {}, np.zeros(len(NETWORK)), np.zeros(0), 0.0)
    with pytest.raises(PicturesError, match=r"requirements-images\.txt"):
        model.predict_proba(pd.DataFrame({"picture": [key_of(SET, 0)]}))
