"""A run's model on paper: points are judged on patients that neither the model nor the sheet had seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import medtune
from medtune.cohort.demo import two_hospitals
from medtune.foundation.errors import ModelError
from medtune.foundation.settings import Settings, Validation
from medtune.report.paper_sheet import paper_sheet
from medtune.runs import paper
from medtune.runs.local import Local
from medtune.runs.training import train_source


@pytest.fixture(scope="module")
def tuned():
    source, local = two_hospitals()
    start = train_source(source, "Northgate")
    run = medtune.fine_tune(local, start_from=start, settings=Settings(validation=Validation(repeats=1, resamples=100)))
    return run, start


def test_neither_model_nor_sheet_has_seen_the_patients_they_are_judged_on(tuned, monkeypatch):
    run, start = tuned
    fitted, made = [], []
    own, score = paper._fitted, paper.points_score

    def watched(local, verdict, model, train):
        fitted.append(set(train.tolist()))
        return own(local, verdict, model, train)

    def sheet(model, frame, most):
        made.append(len(frame))
        return score(model, frame, most)

    monkeypatch.setattr(paper, "_fitted", watched)
    monkeypatch.setattr(paper, "points_score", sheet)
    found = medtune.points_check(run, start)
    assert found.n == run.result.n
    assert found.events == run.result.events
    assert len(fitted) == 5
    assert made == [len(train) for train in fitted]
    # Every patient is left out of exactly one fit: the one that judges it.
    left_out = [row for train in fitted for row in range(found.n) if row not in train]
    assert sorted(left_out) == list(range(found.n))
    assert found.model["auroc"].value == pytest.approx(run.result.chosen.performance.auroc.value, abs=0.04)


def test_an_original_is_put_on_paper_as_it_is(tuned):
    run, start = tuned
    local = Local(run.cohort, start, run.settings)
    verdict = replace(run.verdict, chosen="original")
    assert paper._fitted(local, verdict, start, np.arange(50)) is start


def test_the_page_to_print_escapes_what_columns_are_called(tuned):
    run, _ = tuned
    sheet, shown = medtune.points_score(run.model, run.cohort.frame), medtune.nomogram(run.model, run.cohort.frame)
    first = replace(sheet.items[0], column="<b>age</b>")
    page = paper_sheet("Risk", "Model", replace(sheet, items=(first, *sheet.items[1:])), shown, ["note"]).decode()
    assert "&lt;b&gt;age&lt;/b&gt;" in page
    assert "<b>age</b>" not in page
    assert "default-src 'none'" in page
    assert page.count("<tr>") > len(sheet.risks)


def test_boosted_models_are_refused_in_words(tuned):
    from medtune.foundation.settings import Family
    from medtune.models.families import make_family

    _, local = two_hospitals()
    model = make_family(local.predictor_columns, family=Family(name="gradient_boosting", trees=15))
    model.fit(local.predictors, local.outcome)
    with pytest.raises(ModelError, match="its main effects can be drawn"):
        medtune.points_score(model, local.predictors)
    assert medtune.main_effects(model, local.predictors).effects
