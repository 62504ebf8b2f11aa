"""Genes chosen again and again are those that matter; in noise the bound holds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.columns import describe
from medtune.figures.genes import by_class, heat_map, volcano
from medtune.figures.theme import LIGHT
from medtune.foundation.records import from_json, to_json
from medtune.foundation.settings import Genes, Settings
from medtune.genes.looking import look_at_genes
from medtune.genes.record import GeneResult
from medtune.genes.stability import first_to_enter, stability, wanted_for


def genes(n: int = 80, p: int = 400, classes: int = 2, size: float = 1.6, seed: int = 0):
    """Genes of which the first four carry the classes."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % classes
    X = rng.normal(size=(n, p))
    X[:, :4] += size * (y[:, None] == np.arange(4) % classes)
    return X, y


def test_so_many_are_chosen_that_one_false_one_is_expected_at_most():
    for p in (200, 2000, 20_000):
        q = wanted_for(p)
        assert q**2 / (0.5 * p) <= 1 < (q + 1) ** 2 / (0.5 * p)


@pytest.mark.parametrize("classes", [2, 4])
def test_genes_that_carry_the_classes_are_stable_and_others_are_not(classes):
    X, y = genes(classes=classes)
    chosen, found = stability(X, y, pairs=8)
    assert found.bound <= 1
    assert (chosen[:4] >= found.cutoff).all()
    assert (chosen[4:] >= found.cutoff).sum() <= 2


def test_in_noise_hardly_a_gene_is_stable():
    false = [(stability(*genes(size=0.0, seed=seed), pairs=10)[0] >= 0.75).sum() for seed in range(4)]
    assert np.mean(false) <= 1.0


def test_the_share_of_choices_is_that_of_the_genes_wanted():
    X, y = genes(size=0.0)
    chosen, found = stability(X, y, pairs=5)
    assert chosen.sum() == pytest.approx(found.wanted, rel=0.2)
    assert stability(X, y, pairs=5)[0].tolist() == chosen.tolist()


def test_the_strongest_enters_first():
    X, y = genes(size=0.0)
    X[:, 7] += 3 * y
    assert first_to_enter(X, y, 2, 5)[0] == 7


def test_a_class_too_small_to_be_halved_is_said():
    X, y = genes(n=60)
    y = np.r_[np.ones(6, int), np.zeros(54, int)]
    table = pd.DataFrame(X, columns=[f"g{at}" for at in range(X.shape[1])])
    found = look_at_genes(describe(table), table, y, ("no", "yes"), Settings(), pairs=2)
    assert found.stability is None
    assert "fewer than 8" in str(found.notes[0])
    assert not found.chosen.size


@pytest.fixture(scope="module")
def looked_at() -> tuple[GeneResult, pd.DataFrame, np.ndarray]:
    X, y = genes()
    table = pd.DataFrame(7 + X, columns=[f"g{at}" for at in range(X.shape[1])])
    settings = Settings(genes=Genes(keep=300))
    return look_at_genes(describe(table), table, y, ("no event", "event"), settings, pairs=4), table, y


def test_what_is_found_survives_its_file(looked_at):
    found = looked_at[0]
    again = from_json(GeneResult, to_json(found))
    np.testing.assert_allclose(again.p_value, found.p_value)
    assert again.names == found.names
    assert str(again.sentence) == str(found.sentence)
    assert {"g0", "g1", "g2", "g3"} <= {found.names[at] for at in found.shown}
    assert found.differing >= 4


def test_the_figures_show_what_was_found(looked_at):
    found, table, y = looked_at
    points = volcano(found, LIGHT, used=["g0"])
    assert sum(len(trace.x) for trace in points.data) == len(found.names)
    assert points.data[2].customdata[0][1] == "g0"
    heat = heat_map(found, LIGHT)
    assert np.shape(heat.data[0].z) == (30, 80)
    assert heat.data[0].y[0] == found.names[found.shown[0]]
    one = by_class(table["g0"].to_numpy(), y, found.classes, LIGHT, "g0")
    assert [len(trace.y) for trace in one.data] == [40, 40]
