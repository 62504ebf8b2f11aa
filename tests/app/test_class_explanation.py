"""What changed, One patient and Hard patients of an outcome of three classes, as a reader meets them."""

import re
from dataclasses import replace

import numpy as np
import pytest

import medtune
from medtune.evaluation.class_reclassification import reclassify_classes
from medtune.foundation.settings import Starting
from medtune.models.model_library import Library
from medtune.runs.marks import mark, read_marks
from medtune.runs.opened import read_risks
from medtune.runs.record import START
from medtune.runs.store import Store
from medtune.runs.worker import perform
from tests.app.conftest import reports
from tests.runs.test_class_tuning import QUICK, STAGES, cohort

RESULTS = "pages/results/results.py"
CHANGES, PATIENT, REVIEW = (f"pages/results/{name}.py" for name in ("changes", "patient", "review"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A home in which a model of three stages was tuned; the cohort names the classes in another order."""
    home = tmp_path_factory.mktemp("home")
    store = Store(home)
    model = medtune.fine_tune(cohort(400, 1), settings=QUICK).model
    passport = Library(home).add(model)
    settings = replace(QUICK, starting=Starting("model", passport.id, passport.name))
    local = store.add_cohort(cohort(200, 2, shift=-1.2, classes=STAGES[::-1]))
    run = store.new_run("fine_tune", "Stages", local, settings.to_json(), passport.name)
    (run.path / START).write_bytes(Library(home).path(passport.id).read_bytes())
    assert perform(run.path).state == "finished"
    for name, value in {"cohort_id": local, "run_id": run.id, "settings": settings}.items():
        store.remember(name, value)
    return home


@pytest.fixture
def filled(made, monkeypatch):
    monkeypatch.setenv("MEDTUNE_HOME", str(made))
    return made


def sides(home):
    store = Store(home)
    risks = read_risks(store.run(store.recall("run_id")).path)
    y = cohort(200, 2, shift=-1.2).outcome[risks["rows"].astype(int)]
    return reclassify_classes(y, risks["original"], risks["averaged"])


def test_the_answer_the_table_the_gains_and_the_worklist_count_the_same_patients(filled, app):
    app.open(CHANGES)
    assert app.errors == []
    found = sides(filled)
    numbers = re.search(r"of (\d+) of (\d+) patients changes: for (\d+) it becomes right, for (\d+) wrong", app.text)
    count, n, gained, lost = map(int, numbers.groups())
    assert (count, n) == (len(found.moved), len(found.before))
    assert (gained, lost) == (found.overall.gained, found.overall.lost)
    for at, name in enumerate(STAGES):
        cells = "".join(f'<td class="">{value}</td>' for value in found.table[at])
        assert re.search(rf">{name}</td>{cells}", app.html)
        own = found.own[at]
        row = (
            rf'Of class {name}<small>n = {own.n}</small></td><td class="">{own.gained}</td><td class="">{own.lost}</td>'
        )
        assert re.search(row, app.html)
    assert app.html.count("counts differently") + app.html.count("moved together") == min(10, count)


def test_coefficients_and_curves_are_of_the_class_that_is_chosen(filled, app):
    app.open(CHANGES)
    app.at.session_state["changes"] = "The model"
    app.at.run()
    assert "Log-odds of none against mild, per unit" in app.html
    app.widget("selectbox", "Risk of class").select_index(2).run()
    assert "Log-odds of severe against none, per unit" in app.html
    assert app.widget("selectbox", "Column, the most changed first").options
    assert app.errors == []


def shown_risks(app) -> dict[str, float]:
    found = re.findall(r'>(none|mild|severe)</td><td class="[^"]*">([\d.]+)%', app.html)
    return {name: float(risk) for name, risk in found}


def test_a_value_changed_in_the_form_moves_the_risks_of_all_classes(filled, app):
    app.open(PATIENT)
    assert app.errors == []
    before = shown_risks(app)
    assert sum(before.values()) == pytest.approx(100, abs=0.2)
    assert f"Most likely class ‘{max(before, key=before.get)}’" in app.text
    app.widget("number_input", "lactate").set_value(9.0).run()
    after = shown_risks(app)
    assert after["severe"] > before["severe"]
    app.widget("selectbox", "Risk of class").select_index(2).run()
    assert "log-odds of ‘severe’ against all others" in app.text
    app.press("Back to the values of this patient")
    assert shown_risks(app) == before
    assert app.errors == []


def test_a_patient_of_the_run_has_risks_out_of_fold_and_classes_that_remain_possible(filled, app):
    app.open(PATIENT)
    app.widget("selectbox", "Patient").select_index(8).run()
    assert app.errors == []
    found = sides(filled)
    (place,) = np.flatnonzero(read_risks(Store(filled).run(Store(filled).recall("run_id")).path)["rows"] == 7)
    for risk in found.after[place]:
        assert f"{100 * risk:.1f}%" in app.html
    assert "At an error of 10% for each class" in app.text
    app.widget("multiselect", "Columns that can be modified").select("lactate").select("age").run()
    assert "the most likely class" in app.text
    assert app.has("download_button", "Summary of this patient (HTML)")
    assert app.errors == []


def test_hard_patients_are_told_with_their_recorded_and_most_likely_class_and_can_be_marked(filled, app):
    app.open(REVIEW)
    assert app.errors == []
    told = re.search(r"recorded as ‘(\w+)’ with an estimated risk of ([\d.]+)%, most likely ‘(\w+)’", app.text)
    assert told[1] != told[3]
    found = sides(filled)
    y = cohort(200, 2, shift=-1.2).outcome
    rows = read_risks(Store(filled).run(Store(filled).recall("run_id")).path)["rows"].astype(int)
    lowest = found.after[np.arange(len(rows)), y[rows]].min()
    assert float(told[2]) == pytest.approx(100 * lowest, abs=0.051)
    similar = re.search(r">Outcome</td>(.*?)</tr>", app.html)[1]
    names = re.findall(r">(none|mild|severe)<", similar)
    assert names[0] == told[1]
    assert told[1] not in names[1:]
    app.widget("selectbox", "Your mark").select("wrong").run()
    app.press("Keep")
    store = Store(filled)
    folder = store.cohort_folder(store.recall("cohort_id"))
    (row,) = read_marks(folder)
    assert read_marks(folder)[row].kind == "wrong"
    mark(folder, [row], None)
    assert app.errors == []


def test_the_report_of_a_run_of_classes_has_a_line_for_each_method(filled, app, monkeypatch):
    pages = reports(monkeypatch)
    app.open(RESULTS)
    assert app.errors == []
    text = pages[-1].decode()
    assert "AUROC over pairs" in text
    counts = cohort(200, 2, shift=-1.2).counts
    for words in ("Averaged update", "hospital 2: 200 patients", f"severe {counts[2]}"):
        assert words in text
    assert "Nobody marked a patient of this cohort." in text
