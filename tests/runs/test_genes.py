"""Runs on more columns than patients: honest in noise, right on real leukaemia, and models that read what they use."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.reading import read_table
from medtune.cohort.roles import Event, Roles
from medtune.cohort.table import make_cohort
from medtune.foundation.settings import Family, Genes, Settings, Starting, Validation
from medtune.models.files import dump_model, load_model
from medtune.runs.fine_tuning import fine_tune
from medtune.runs.gene_columns import said_of_genes
from medtune.runs.paper import points_check
from tests.cohort.shared_data import shared

QUICK = Validation(repeats=1, resamples=100)


def cohort_of(X: np.ndarray, y: np.ndarray, name: str = "genes", **more):
    """A cohort of genes, and other columns by name."""
    table = pd.DataFrame(X, columns=[f"GENE{at}" for at in range(X.shape[1])]).assign(**more)
    predictors = tuple(name for name in table.columns if name != "site")
    table = table.assign(relapse=np.where(y, "yes", "no"))
    site = "site" if "site" in more else None
    return make_cohort(table, Roles("relapse", Event(values=("yes",)), predictors, site=site), name=name)


def signal(n: int = 90, p: int = 400, seed: int = 0, shift: float = 0.0, size: float = 1.3):
    """Six genes that carry the outcome among many that do not."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % 2)
    X = 7 + shift + rng.normal(size=(n, p))
    X[:, :6] += size * y[:, None]
    return X, y


def auroc(run, key: str = "scratch") -> float:
    """Of a method on patients it was not fitted to."""
    return next(c for c in run.result.candidates if c.key == key).performance.headline["auroc"].value


def test_pure_noise_is_called_noise():
    rng = np.random.default_rng(4)
    run = fine_tune(
        cohort_of(rng.normal(size=(60, 5000)), np.arange(60) % 2),
        settings=Settings(family=Family("pca_ridge"), genes=Genes(ranked=50), validation=QUICK),
    )
    assert 0.3 < auroc(run) < 0.7
    assert run.result.verdict.state not in ("better",)


@pytest.fixture(scope="module")
def net():
    """A run of an elastic net from scratch."""
    cohort = cohort_of(*signal(), sex=["f", "m"] * 45)
    return fine_tune(cohort, settings=Settings(family=Family("elastic_net_path"), validation=QUICK))


def test_the_model_reads_only_the_genes_it_uses_and_survives_its_file(net):
    run, cohort = net, net.cohort
    model = run.models["scratch"]
    names = [column.name for column in model.columns]
    assert {"GENE0", "GENE1", "GENE2"} < set(names)
    assert "sex" in names
    assert len(names) < 150
    assert auroc(run) > 0.8
    again = load_model(dump_model(model))
    np.testing.assert_allclose(again.risk(cohort.frame[names]), model.risk(cohort.frame))
    total = run.explanation.baseline + run.explanation.contributions.sum(axis=1)
    np.testing.assert_allclose(1 / (1 + np.exp(-total)), run.explanation.risk, atol=1e-6)


def test_methods_that_are_not_made_for_genes_say_so():
    run = fine_tune(cohort_of(*signal(n=60)), settings=Settings(family=Family("pca_ridge"), validation=QUICK))
    assert any("400 columns are read as genes" in str(note) for note in run.result.notes)


def test_batches_are_centred_inside_the_folds_and_a_reader_is_told():
    X, y = signal(n=80, p=200)
    plate = np.arange(80) // 4 % 5  # as often with either outcome
    X += np.random.default_rng(100).normal(0, 4, (5, 200))[plate]
    cohort = cohort_of(X, y, site=[f"p{at}" for at in plate])
    settings = Settings(family=Family("pca_ridge"), genes=Genes(batch="site"), validation=QUICK)
    centred, raw = (fine_tune(cohort, settings=one) for one in (settings, replace(settings, genes=Genes())))
    assert auroc(centred) > 0.8
    assert auroc(centred) > auroc(raw) + 0.15
    assert any("patient of a batch that was not seen" in str(note) for note in centred.result.notes)
    assert "site" in [column.name for column in centred.models["scratch"].columns]


def test_a_batch_chosen_for_another_table_is_not_spoken_of():
    settings = Settings(genes=Genes(batch="chip"))
    said = said_of_genes(cohort_of(*signal(n=40)), settings, (), None)
    assert not any("chip" in str(note) for note in said)


def test_a_model_of_genes_on_paper_is_judged_on_patients_it_has_not_seen(net):
    found = points_check(net)
    assert found.n == 90
    assert found.model["auroc"].value > 0.8


def test_centring_a_batch_of_one_outcome_is_warned_of():
    X, y = signal(n=60)
    cohort = cohort_of(X, y, site=np.where(y, "case plate", "control plate"))
    run = fine_tune(cohort, settings=Settings(family=Family("pca_ridge"), genes=Genes(batch="site"), validation=QUICK))
    assert any("one outcome only" in str(note) for note in run.result.notes)


@pytest.fixture(scope="module")
def signature():
    """A model of a first hospital's genes, as a file would bring it."""
    run = fine_tune(cohort_of(*signal()), settings=Settings(family=Family("elastic_net_path"), validation=QUICK))
    return load_model(dump_model(run.models["scratch"]))


def test_a_signature_is_carried_to_a_second_data_set_by_its_score(signature):
    there = cohort_of(*signal(n=70, seed=9, size=0.9), name="second")
    settings = Settings(starting=Starting("model"), family=Family("pca_ridge"), validation=QUICK)
    run = fine_tune(there, signature, settings)
    offered = {candidate.key for candidate in run.result.candidates if candidate.performance is not None}
    assert {"original", "averaged", "intercept", "recalibration", "revision", "scratch"} <= offered
    assert "boosted" not in offered
    assert auroc(run, "original") > 0.75
    tuned = run.models["averaged"]
    assert {column.name for column in tuned.columns} == {column.name for column in signature.columns}
    np.testing.assert_allclose(load_model(dump_model(tuned)).risk(there.frame), tuned.risk(there.frame))


def test_another_platform_is_warned_of_and_missing_genes_are_named(signature):
    X, y = signal(n=70, seed=9, shift=30.0)
    there = cohort_of(X, y, name="second")
    lacking = next(column.name for column in signature.columns if column.name != "GENE0")
    few = pd.DataFrame(there.frame).drop(columns=lacking)
    roles = Roles("relapse", Event(values=("yes",)), tuple(c for c in few.columns if c != "relapse"))
    run = fine_tune(make_cohort(few, roles, name="second"), signature, Settings(Starting("model"), validation=QUICK))
    notes = [str(note) for note in run.result.notes]
    assert any("another platform" in note for note in notes)
    assert any(lacking in note and "no column" in note for note in notes)


def test_few_patients_and_many_genes_are_answered_in_a_sentence():
    from medtune.foundation.errors import RolesError

    X, y = signal(n=6, p=500)
    with pytest.raises(RolesError, match="at least 10"):
        cohort_of(X[:5], y[:5])


def test_leukaemias_are_told_apart():
    table = read_table(shared("golub.csv.gz")).frame
    genes = tuple(name for name in table.columns if name != "y")[:1200]  # a third of them: they tell enough
    cohort = make_cohort(table, Roles("y", Event(values=("AML",)), genes), name="Golub")
    run = fine_tune(cohort, settings=Settings(family=Family("elastic_net_path"), validation=QUICK))
    assert auroc(run) > 0.95
    assert run.result.verdict.state == "better"
    assert len(run.models["scratch"].columns) < 300


def test_seven_tissues_are_told_apart():
    table = read_table(shared("tissue_gene_expression.csv")).frame
    genes = tuple(name for name in table.columns if name not in ("y", "rownames"))
    roles = Roles("y", predictors=genes, classes=tuple(sorted(table["y"].unique())))
    run = fine_tune(
        make_cohort(table, roles, name="tissues"), settings=Settings(family=Family("pca_ridge"), validation=QUICK)
    )
    scratch = next(c for c in run.result.candidates if c.key == "scratch")
    assert scratch.performance is not None
    risks = run.risks["scratch"].mean(axis=0)
    assert (risks.argmax(axis=1) == run.cohort.outcome[run.rows]).mean() > 0.9
