"""What changed and who changes side, as a reader meets it."""

import re

import pytest

from medtune.cohort.demo import two_hospitals
from tests.app.conftest import reports
from tests.app.test_run_pages import RESULTS, filled, made  # noqa: F401

CHANGES = "pages/results/changes.py"


@pytest.mark.usefixtures("filled")
def test_the_table_the_answer_and_the_worklist_count_the_same_patients(app):
    app.open(CHANGES)
    assert app.errors == []
    total, up, down = (int(n) for n in re.search(
        r"(\d+) of \d+ patients change side at a risk of [\d.]+%: newly flagged (\d+), no longer flagged (\d+)",
        app.text,
    ).groups())  # fmt: skip
    assert total == up + down > 0
    cells = re.findall(r'<td class="">(\d+)</td><td class="">(\d+)</td>', app.html)
    assert sum(int(u) for u, _ in cells[:2]) == up
    assert sum(int(d) for _, d in cells[:2]) == down
    assert app.html.count("counts differently") + app.html.count("moved together") == min(10, total)


@pytest.mark.usefixtures("filled")
def test_the_threshold_moves_the_sides(app):
    app.open(CHANGES)
    before = app.text
    app.widget("slider", "A patient is flagged from this risk on, %").set_value(60).run()
    assert "change side at a risk of 60.0%" in app.text
    assert app.text != before


def test_without_a_run_the_page_leads_to_one(app):
    app.open(CHANGES)
    assert "There is no run yet" in app.text
    assert app.errors == []


PATIENT = "pages/results/patient.py"


@pytest.mark.usefixtures("filled")
def test_a_change_in_the_form_changes_the_risk_and_can_be_taken_back(app):
    app.open(PATIENT)
    assert app.errors == []
    before = re.search(r"Estimated risk ([\d.]+)%", app.text)[1]
    app.widget("number_input", "age_years").set_value(95.0).run()
    after = re.search(r"Estimated risk ([\d.]+)%", app.text)[1]
    assert float(after) > float(before)
    app.widget("number_input", "age_years").set_value(140.0).run()
    assert "'age_years' is outside the training range" in app.text
    app.press("Back to the values of this patient")
    assert re.search(r"Estimated risk ([\d.]+)%", app.text)[1] == before
    assert app.errors == []


@pytest.mark.usefixtures("filled")
def test_a_patient_of_the_run_has_the_out_of_fold_risk_beside_the_fitted_one(app):
    app.open(PATIENT)
    app.widget("selectbox", "Patient").select_index(8).run()
    assert "out of fold the estimated risk was" in app.text
    assert "conformal set" in app.text
    app.widget("selectbox", "Column to vary").select("lactate_mmol_l").run()
    assert app.errors == []


@pytest.mark.usefixtures("filled")
def test_smallest_changes_are_found_for_the_columns_that_can_be_modified(app):
    app.open(PATIENT)
    app.widget("selectbox", "Patient").select_index(8).run()
    app.widget("multiselect", "Columns that can be modified").select("systolic_bp_mmhg").select("ventilated").run()
    assert "bring the risk" in app.text
    assert app.errors == []


REVIEW, FINE_TUNE = "pages/results/review.py", "pages/tuning/fine_tune.py"


@pytest.mark.usefixtures("filled")
def test_a_marked_patient_is_left_out_only_when_the_next_run_is_told_to(app, monkeypatch, filled):  # noqa: F811
    from medtune.foundation.settings import Settings
    from medtune.runs import starting
    from medtune.runs.marks import excluded, mark
    from medtune.runs.store import Store

    app.open(REVIEW)
    assert "The model is most wrong about patient" in app.text
    assert app.errors == []
    app.widget("selectbox", "Your mark").select("exclude").run()
    app.widget("text_input", "Reason").set_value("wrong hospital").run()
    app.press("Keep")
    assert "wrong hospital" in app.html
    assert app.errors == []
    assert app.has("download_button", "Report of this review (HTML)")
    store = Store(filled)
    folder = store.cohort_folder(store.recall("cohort_id"))
    (row,) = excluded(folder)
    started = []
    monkeypatch.setattr(starting.execution, "start", lambda folder: started.append(folder))
    before = store.recall("run_id")
    app.open(FINE_TUNE)
    assert "on 300 patients" in app.text
    app.widget("toggle", "Leave out the patient marked ‘exclude’").set_value(True).run()
    assert "on 299 patients" in app.text
    app.press("Start fine-tuning")
    assert Settings.from_json((started[0] / "settings.json").read_text()).left_out == (row,)
    assert store.runs()[0].job.name.endswith(", 1 left out")
    mark(folder, [row], None)
    store.remember("run_id", before)
    store.remember("leave_out", False)


def test_marks_stand_in_the_report_of_the_run_and_name_nobody_unless_wished(filled, app, monkeypatch):  # noqa: F811
    from medtune.runs.marks import mark
    from medtune.runs.store import Store

    store = Store(filled)
    folder = store.cohort_folder(store.recall("cohort_id"))
    mark(folder, [17], "wrong", "seen in the <record>")
    try:
        pages = reports(monkeypatch)
        app.open(RESULTS)
        assert app.errors == []
        text = pages[-1].decode()
        assert "The tuned model is better here." in text
        assert "Averaged update" in text
        assert re.search(r"<td>1</td><td>Label wrong</td><td>seen in the &lt;record&gt;</td><td>took part</td>", text)
        app.widget("toggle", "With the ids of marked patients").set_value(True).run()
        cohort = two_hospitals()[1]
        name = "row 18" if cohort.patients is None else cohort.patients[17]
        assert f"<td>{name}</td><td>Label wrong</td>" in pages[-1].decode()
    finally:
        mark(folder, [17], None)


@pytest.mark.usefixtures("filled")
def test_marks_that_cannot_be_read_are_said_and_leave_nobody_out(app, filled):  # noqa: F811
    from medtune.runs.marks import FILE
    from medtune.runs.store import Store

    store = Store(filled)
    damaged = store.cohort_folder(store.recall("cohort_id")) / FILE
    store.remember("leave_out", True)
    damaged.write_text("{not json")
    try:
        app = type(app)().open(FINE_TUNE)
        assert any(FILE in error for error in app.errors)
        assert "on 300 patients" in app.text
    finally:
        damaged.unlink()
        store.remember("leave_out", False)


@pytest.mark.usefixtures("filled")
def test_sites_are_set_against_each_other_where_there_are_several(app, monkeypatch):
    from dataclasses import replace

    from medtune.ui import run_patients

    app.open("pages/results/explain.py")
    assert "Site against site" not in app.text
    own = run_patients.those

    def two_sites():
        cohort, places = own()
        names = ["North" if row % 3 else "South" for row in range(cohort.n)]
        return replace(cohort, frame=cohort.frame.assign(hospital=names)), places

    monkeypatch.setattr(run_patients, "those", two_sites)
    app.at.run()
    assert "Site against site" in app.text
    assert "North, n = 200" in app.html
    assert "South, n = 100" in app.html
    assert app.errors == []


@pytest.mark.usefixtures("filled")
def test_the_tuned_model_is_put_on_paper_with_what_whole_numbers_cost(app):
    app.open("pages/results/explain.py")
    app.at.session_state["explain_tabs"] = "On paper"
    app.at.run()
    assert app.errors == []
    assert "On 300 patients" in app.text
    assert "Points to add up" in app.text
    sums = re.findall(r'<td class="words">(\d+)</td><td class="">([\d.]+)%</td>', app.html) or re.findall(
        r'<td class="">(\d+)</td><td class="">([\d.]+)%</td>', app.html
    )
    risks = [float(risk) for _, risk in sums]
    assert len(risks) > 5
    assert risks == sorted(risks)
    app.widget("segmented_control", "Points that may come together, about").set_value(10).run()
    assert app.errors == []
