"""The Data page: from a file to the patients in use."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.roles import Event
from medtune.runs.store import Store
from tests.cohort.corpus import cases

PAGE = "pages/cohort/data.py"
HEART = Path(__file__).resolve().parents[3] / "shared" / "data" / "heart_four_hospitals.csv"


def table(**columns):
    n = 120
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "hospital": np.where(np.arange(n) < 70, "north", "south"),
            "age": rng.integers(30, 90, n),
            "disease_stage": rng.integers(0, 5, n),
            "cholesterol": np.where(np.arange(n) % 10 == 0, 0, rng.integers(150, 300, n)),
            **columns,
        }
    )
    return frame.to_csv(index=False).encode()


def upload(app, content, name="patients.csv"):
    app.at.file_uploader[0].upload(name, content).run()
    return app


def test_without_a_table_it_says_what_to_bring_and_stops(app):
    app.open(PAGE)
    assert "Bring a table with one row for each patient." in app.text
    assert app.errors == []
    assert not app.has("selectbox", "Outcome")


def test_a_file_comes_with_proposals_and_can_be_used_at_once(app):
    upload(app.open(PAGE), table())
    assert app.widget("selectbox", "Outcome").value == "disease_stage"
    assert app.widget("number_input", "this number").value == 1
    assert app.widget("multiselect", "Predictors").value == ["age", "cholesterol"]
    assert app.widget("selectbox", "Site").value == "hospital"
    app.press("Use these patients")
    assert app.errors == []
    assert [entry.name for entry in Store().cohorts()] == ["patients"]
    assert "patients, n = 120" in app.text
    assert "These patients are in use." in app.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "The file is a picture"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "The file is a web page"),
        (b"age,died\n", "no patients"),
        (b"age\n1\n2\n", "one column only"),
    ],
)
def test_a_file_that_is_no_table_is_one_sentence(app, content, said):
    upload(app.open(PAGE), content, "x.csv")
    (error,) = app.errors
    assert said in error
    assert "Bring a table" in app.text


CORPUS = cases()
SMALL = [name for name, case in CORPUS.items() if len(case.content) < 20_000 and " in " not in name]


@pytest.mark.parametrize("part", range(4))
def test_the_page_shows_every_odd_file_or_one_sentence(app, part):
    app.open(PAGE)
    for name in SMALL[part::4]:
        upload(app, CORPUS[name].content, f"{name}.csv")  # a traceback would raise
        assert len(app.errors) <= 2, name  # of this file, and of the table that was there before
        if CORPUS[name].columns is None and CORPUS[name].wishes is None:
            assert CORPUS[name].said in app.errors[0], name


def test_an_outcome_with_one_class_says_so_and_offers_no_use(app):
    upload(app.open(PAGE), table(died=np.zeros(120, dtype=int), disease_stage=np.ones(120, dtype=int)))
    app.widget("selectbox", "Outcome").select("cholesterol").run()
    app.widget("number_input", "this number").set_value(1000).run()
    (error,) = app.errors
    assert "None of the 120 patients has the event in 'cholesterol'" in error
    assert not app.has("button", "Use these patients")


def test_roles_and_cleaning_stay_when_only_the_row_filter_changes(app):
    upload(app.open(PAGE), table())
    app.press("Mark as missing")
    app.widget("multiselect", "Predictors").set_value(["cholesterol"]).run()
    assert "1 predictor." in app.text
    app.widget("selectbox", "Use only patients where").select("hospital").run()
    assert app.widget("multiselect", "is").value == ["north"]
    app.press("Use these patients")
    north = Store().cohorts()[0]
    app.widget("multiselect", "is").set_value(["south"]).run()
    app.press("Use these patients")
    store = Store()
    south = next(entry for entry in store.cohorts() if entry.id != north.id)
    assert (north.n, south.n) == (70, 50)
    cohort = store.open_cohort(south.id)
    assert cohort.roles.predictors == ("cholesterol",)
    assert cohort.frame["cholesterol"].isna().sum() == 5
    assert cohort.name == "patients, south"


def test_findings_of_a_large_table_say_how_many_patients_were_looked_at(app, monkeypatch):
    monkeypatch.setattr("medtune.ui.findings_list.LOOKED_AT", 60)
    upload(app.open(PAGE), table())
    assert "Counted in 60 of 120 patients" in app.text
    assert "'cholesterol' is 0 in" in app.text


def test_a_name_of_ones_own_is_kept_with_the_patients(app):
    upload(app.open(PAGE), table())
    app.widget("text_input", "Name of these patients").set_value("Cardiology 2024").run()
    app.press("Use these patients")
    assert [entry.name for entry in Store().cohorts()] == ["Cardiology 2024"]
    assert not app.has("button", "Use these patients")
    app.widget("text_input", "Name of these patients").set_value("Cardiology 2025").run()
    app.press("Use these patients")
    assert [entry.name for entry in Store().cohorts()] == ["Cardiology 2025"]


def test_without_a_kept_value_the_row_filter_says_so(app):
    upload(app.open(PAGE), table())
    app.widget("selectbox", "Use only patients where").select("hospital").run()
    app.widget("multiselect", "is").set_value([]).run()
    (error,) = app.errors
    assert error.startswith("No value of 'hospital' is chosen")


def test_choices_survive_other_pages(app):
    upload(app.open(PAGE), table())
    app.widget("multiselect", "Predictors").set_value(["age"]).run()
    app.widget("number_input", "this number").set_value(3).run()
    app.open("pages/home/start.py").open(PAGE)
    assert app.widget("multiselect", "Predictors").value == ["age"]
    assert app.widget("number_input", "this number").value == 3
    assert "120 patients from 'patients.csv'" in app.text


def test_a_new_session_shows_the_patients_in_use(app, new_session):
    upload(app.open(PAGE), table())
    app.widget("multiselect", "Predictors").set_value(["age"]).run()
    app.press("Use these patients")
    again = new_session().open(PAGE)
    assert "120 patients" in again.text
    assert again.widget("multiselect", "Predictors").value == ["age"]
    assert not again.has("button", "Use these patients")


def test_after_a_reload_the_whole_table_and_the_row_filter_are_there(app, new_session):
    upload(app.open(PAGE), table())
    app.widget("selectbox", "Use only patients where").select("hospital").run()
    app.press("Use these patients")
    again = new_session().open(PAGE)
    assert again.widget("selectbox", "Use only patients where").value == "hospital"
    assert again.widget("multiselect", "is").value == ["north"]
    assert again.widget("multiselect", "is").options == ["north", "south"]
    assert "Only the patients in use were kept" not in again.text


def test_after_a_reload_a_table_that_is_not_in_use_yet_is_not_lost(app, new_session):
    upload(app.open(PAGE), table())
    app.press("Use these patients")
    upload(app, table(age=np.arange(120) + 20.0), name="second.csv")
    again = new_session().open(PAGE)
    assert "second.csv" in again.text
    assert again.has("button", "Use these patients")


def test_an_outcome_takes_its_column_out_of_the_predictors(app):
    upload(app.open(PAGE), table(died=np.arange(120) % 3 == 0))
    app.widget("selectbox", "Outcome").select("died").run()
    app.press("All")
    assert app.widget("multiselect", "these values").value == ["True"]
    app.widget("selectbox", "Outcome").select("disease_stage").run()
    assert "disease_stage" not in app.widget("multiselect", "Predictors").value
    assert app.errors == []


def test_no_predictor_is_told_in_one_sentence(app):
    upload(app.open(PAGE), table()).press("None")
    assert app.errors == ["No predictor is chosen; choose at least one column that a model may use."]


def test_an_event_can_be_told_by_its_values(app):
    upload(app.open(PAGE), table())
    way = app.widget("selectbox", "Event when the value is")
    way.select_index(1).run()
    assert len(app.errors) == 1
    app.widget("multiselect", "these values").set_value(["3", "4"]).run()
    app.press("Use these patients")
    cohort = Store().open_cohort(Store().cohorts()[0].id)
    assert cohort.roles.event == Event(values=("3", "4"))


def test_names_that_markdown_would_swallow_are_shown(app):
    upload(app.open(PAGE), table(**{"bp *mean* $x$": np.arange(120) % 7}))
    assert app.errors == []
    assert "bp *mean* $x$" in app.widget("multiselect", "Predictors").options


@pytest.mark.parametrize("place", [0, 1])
def test_a_demo_can_be_looked_at_and_used(app, place):
    app.open(PAGE)
    demos = [button for button in app.at.button if "synthetic" in button.label]
    demos[place].click().run()
    app.press("Use these patients")
    assert app.errors == []
    assert "(synthetic), n = " in app.text


@pytest.mark.skipif(not HEART.exists(), reason="the heart table of the four hospitals is not at hand")
@pytest.mark.parametrize(
    ("hospital", "n", "events"),
    [("cleveland", 303, 139), ("hungarian", 294, 106), ("switzerland", 123, 115), ("va", 200, 149)],
)
def test_four_hospitals_pass_with_the_same_choices(app, hospital, n, events):
    upload(app.open(PAGE), HEART.read_bytes(), HEART.name)
    next(button for button in app.at.button if button.key and "cholesterol" in _card_of(app, button)).click().run()
    app.widget("selectbox", "Use only patients where").select("hospital").run()
    app.widget("multiselect", "is").set_value([hospital]).run()
    app.press("Use these patients")
    assert app.errors == []
    (entry,) = Store().cohorts()
    assert (entry.n, entry.events) == (n, events)
    cohort = Store().open_cohort(entry.id)
    assert not (cohort.frame["cholesterol"] == 0).any()


def _card_of(app, button):
    """The sentence beside the remedy button."""
    cards = [element.value for element in app.at.markdown if "while every other value" in element.value]
    remedies = [other.key for other in app.at.button if other.key and other.key.startswith("remedy_hidden_codes")]
    return cards[remedies.index(button.key)] if button.key in remedies else ""


def test_with_few_events_the_model_can_be_validated_only(app):
    rare = np.zeros(120, dtype=int)
    rare[::20] = 1
    upload(app.open(PAGE), table(disease_stage=rare))
    assert "few methods can be offered" in app.text
    app.press("Validate only")
    assert app.errors == []
    assert "few methods can be offered" not in app.text


def again(n=120):
    """Every patient twice, with another age each time."""
    return table(patient_id=[f"P{row // 2}" for row in range(n)])


def test_rows_of_one_patient_are_kept_together_then_thinned_out_and_taken_back(app):
    upload(app.open(PAGE), again())
    if app.has("button", "Use as patient id"):
        app.press("Use as patient id")
    assert app.widget("selectbox", "Patient id").value == "patient_id"
    app.press("Keep last rows only")
    assert app.errors == []
    assert "60 patients from 'patients.csv'" in app.text
    assert "60 earlier rows of patients with a row after them were left out." in app.text
    app.press("Undo")
    assert "120 patients from 'patients.csv'" in app.text
    assert not app.has("button", "Undo")
    app.press("Keep first rows only")
    app.widget("selectbox", "Site").select(None).run()
    assert not app.has("button", "Undo")  # more than the remedy has changed since


def test_rare_events_fix_the_threshold_and_the_remark_is_settled(app):
    rare = np.zeros(600, dtype=int)
    rare[::24] = 1
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"age": rng.normal(60, 9, 600).round(1), "bmi": rng.normal(27, 4, 600).round(1), "died": rare})
    upload(app.open(PAGE), frame.to_csv(index=False).encode())
    assert "accuracy says little here" in app.text
    app.press("Fix this threshold")
    assert app.at.session_state["medtune.settings"].threshold == pytest.approx(25 / 600, abs=1e-4)
    app.press("Undo")
    assert app.at.session_state["medtune.settings"].threshold is None
    app.press("Weigh consequences")
    assert app.at.session_state["medtune.acting"].way == "consequence"
    assert not app.has("button", "Fix this threshold")
    assert app.errors == []


@pytest.mark.parametrize("classes", [3, 4])
def test_a_rare_class_is_left_out_and_can_come_back(app, classes):
    stage = np.arange(120) % (classes - 1)
    stage[::13] = classes - 1
    upload(app.open(PAGE), table(disease_stage=[f"stage {level}" for level in stage]))
    app.widget("radio", "What is estimated").set_value(True).run()
    rare = int((stage == classes - 1).sum())
    assert f"Only {rare} patients of class" in app.text
    app.press("Leave them out")
    assert app.errors == []
    assert f"{120 - rare} patients from" in app.text
    app.press("Undo")
    assert f"Only {rare} patients of class" in app.text


def test_one_column_is_shown_by_outcome_with_its_gaps_by_site(app):
    age = np.random.default_rng(1).integers(30, 90, 120).astype(float)
    age[80:] = np.nan  # only in the south
    upload(app.open(PAGE), table(age=age))
    app.at.session_state["data_tabs"] = "One column"
    app.at.run()
    app.widget("selectbox", "Look at").select("age").run()
    assert app.errors == []
    assert len(app.at.get("plotly_chart")) == 1
    assert "Gaps differ between sites beyond chance, from 0.0% at north to 80.0% at south." in app.text
    assert "No clear sign that gaps depend on the outcome." in app.text
    app.widget("selectbox", "Look at").select("cholesterol").run()
    assert "'cholesterol' is known of all 120 patients." in app.text


def test_one_column_of_several_classes_sets_a_class_against_all_others(app):
    upload(app.open(PAGE), table())
    app.widget("radio", "What is estimated").set_value(True).run()
    app.at.session_state["data_tabs"] = "One column"
    app.at.run()
    app.widget("selectbox", "Class against all others").select_index(2).run()
    assert app.errors == []
    assert len(app.at.get("plotly_chart")) == 1
