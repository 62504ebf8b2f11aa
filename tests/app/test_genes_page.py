"""The Genes page: what it shows of a run of genes, and what it says of any other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.roles import Event, Roles
from medtune.cohort.table import make_cohort
from medtune.foundation.errors import RunError
from medtune.foundation.settings import Family, Settings, Starting, Validation
from medtune.runs.folder import LATER
from medtune.runs.gene_results import write_genes
from medtune.runs.progress import Progress
from medtune.runs.stages import local_of
from medtune.runs.store import Store
from medtune.runs.worker import perform
from medtune.ui.wide_tables import OFFERED

PAGE = "pages/results/genes.py"


def genes(n: int = 60, p: int = 320):
    """A cohort of genes, four of which carry the outcome."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    X = rng.normal(7, 1, (n, p))
    X[:, :4] += 1.5 * y[:, None]
    table = pd.DataFrame(X, columns=[f"G{at}" for at in range(p)])
    names = tuple(table.columns)
    return make_cohort(
        table.assign(bad=np.where(y, "yes", "no")), Roles("bad", Event(values=("yes",)), names), name="g"
    )


@pytest.fixture
def run():
    """A finished run of genes whose genes have been looked at."""
    store = Store()
    settings = Settings(
        Starting("scratch"), family=Family("pca_ridge"), validation=Validation(repeats=1, resamples=100)
    )
    cohort = store.add_cohort(genes())
    made = store.new_run("fine_tune", "genes", cohort, settings.to_json())
    outcome = perform(made.path)
    assert outcome.state == "finished", outcome.sentence
    for name, value in {"cohort_id": cohort, "run_id": made.id, "settings": settings}.items():
        store.remember(name, value)
    (made.path / LATER).mkdir()
    write_genes(made.path / LATER, local_of(made.path), Progress())
    return made


def test_genes_are_shown_one_by_one(run, new_session):
    app = new_session().open(PAGE)
    assert app.errors == []
    assert "genes differ between the outcomes" in app.text
    assert "half-samples" in app.text
    assert "G0" in app.widget("selectbox", "Gene").options


def test_groups_are_offered_by_few_of_very_many_columns(run, new_session, monkeypatch):
    def busy(*_):
        raise RunError("Busy.")

    monkeypatch.setattr("medtune.ui.results.groups.ask", busy)  # what comes of it is not looked at here
    app = new_session().open("pages/results/results.py")
    app.at.session_state["more"] = "Who it serves"
    app.at.run()
    assert [error.value for error in app.at.error] == ["Busy."]
    offered = app.widget("selectbox", "Groups by").options
    assert "G0" in offered
    assert len(offered) == OFFERED


def test_without_a_run_it_says_what_to_do(app):
    app.open(PAGE)
    assert "There is no run yet" in app.text
