"""The Start page: the demo in one click, and what was done before."""

from medtune.cohort.demo import two_hospitals
from medtune.runs.store import Store


def test_it_says_what_medtune_is_for_and_what_it_is_not(app):
    assert "It is not a medical device and is not for treating a patient by itself." in app.text
    assert app.has("button", "Try the demo")
    assert app.has("button", "Use my own data")
    assert "Recent runs" not in app.text
    assert app.errors == []


def test_ones_own_data_lead_to_the_data_page(app):
    app.press("Use my own data")
    assert app.at.title[0].value == "Data"


def test_the_demo_starts_a_run_in_one_click_and_can_be_cancelled(app):
    app.press("Try the demo")
    (run,) = Store().runs()
    assert run.state in ("queued", "running")
    assert "Hospital B (synthetic), n = 304" in app.text
    app.press("Cancel the run")
    assert app.errors == []
    (run,) = Store().runs()
    assert run.state == "cancelled"
    assert "Cancelled; what was finished is kept." in app.text
    assert "Recent runs" in app.text


def test_a_run_of_before_is_listed_and_opens_with_its_patients(app, new_session):
    store = Store()
    run = store.new_run("fine_tune", "My *first* run", store.add_cohort(two_hospitals()[1]))
    again = new_session()
    assert "My *first* run" in again.text
    assert "none chosen" in again.text
    again.press("Open")
    assert again.errors == []
    assert "Hospital B (synthetic), n = 304" in again.text
    assert store.recall("run_id") == run.id


def test_a_run_whose_folder_is_damaged_is_said_to_be_and_cannot_be_opened(new_session):
    store = Store()
    run = store.new_run("fine_tune", "Damaged", store.add_cohort(two_hospitals()[1]))
    (run.path / "job.json").write_text("{")
    app = new_session()
    assert app.errors == []
    assert "Damaged" in app.text
    assert not app.has("button", "Open")
