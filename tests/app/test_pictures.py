"""Pictures from the upload to a verdict, without a browser."""

from __future__ import annotations

from dataclasses import replace

import pytest

from medtune.foundation.settings import Settings, Validation
from medtune.runs.store import Store
from medtune.runs.worker import perform
from tests.images.pictures import drawn, file_of, labelled, zipped

DATA, FINE_TUNE = "pages/cohort/data.py", "pages/tuning/fine_tune.py"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A store whose jobs are done in this process, pictures measured without a network."""
    monkeypatch.setenv("MEDTUNE_HOME", str(tmp_path))
    monkeypatch.setattr("medtune.runs.execution.start", lambda path: perform(path))
    monkeypatch.setattr("medtune.runs.worker._deaf", lambda: None)
    monkeypatch.setattr("medtune.images.measuring.network_here", lambda: False)
    monkeypatch.setattr("os.cpu_count", lambda: 1)  # starting processes takes longer than measuring 40 small pictures
    store = Store(tmp_path)
    store.remember("settings", Settings(validation=Validation(folds=2, repeats=1, resamples=100)))
    return store


def uploaded(session, content, name="lesions.zip"):
    app = session().open(DATA)
    app.at.file_uploader[0].upload(name, content).run()
    return app


def test_an_archive_becomes_patients_and_a_head_is_judged_as_any_model(home, new_session, monkeypatch):
    monkeypatch.setattr("medtune.ui.gene_choices.rows_are_genes", lambda frame: True)  # as they do look from 300 on
    app = uploaded(new_session, labelled(40))
    assert app.errors == []
    assert "looks like a gene" not in app.text
    assert "columns of numbers are predictors" in app.text  # not each by its name
    assert "another unit" not in app.text
    assert "40 pictures were read" in app.text
    assert "requirements-images.txt" in app.text
    app.press("Use these patients")
    assert app.errors == []
    cohort = app.at.session_state["medtune.cohort"]
    assert (cohort.roles.outcome, cohort.roles.patient, cohort.n) == ("diagnosis", "patient", 40)
    app.open(FINE_TUNE).press("Start training")
    assert app.errors == []
    run = home.run(app.at.session_state["medtune.run_id"])
    settings = Settings.from_json(run.settings)
    assert (settings.starting.kind, settings.family.name) == ("scratch", "logistic")
    app.open("pages/results/results.py")
    assert app.errors == []
    assert "The new model" in app.text
    assert "What pictures of another machine would do cannot be seen here" in app.text
    app.open("pages/results/pictures.py")
    assert app.errors == []
    assert "The model is most wrong about 'p" in app.text
    assert "Red parts raise the estimated risk" in app.text
    assert "cannot see what another hospital's machine does" in app.text
    app.press("Try it on altered pictures")
    assert app.errors == []
    assert "taken closer (10%)" in app.text
    app.open("pages/library/score.py")
    new = {f"new/{place}.png": file_of(drawn(500 + place, rough=place < 4)) for place in range(8)}
    app.at.file_uploader[0].upload("new.zip", zipped(new)).run()
    assert app.errors == []
    assert "of 8 patients" in app.text


def test_what_cannot_be_read_is_said_on_the_page(home, new_session):
    broken = {f"{'ab'[p % 2]}/{p}.png": b"broken" for p in range(6)}
    app = uploaded(new_session, zipped(broken))
    assert any("None of the pictures can be used" in error for error in app.errors)


def test_copies_are_left_out_by_one_click(home, new_session):
    import io
    import zipfile

    content = labelled(40)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["pictures/copy.png"] = files["pictures/p03.png"]
    files["labels.csv"] += b"\ncopy.png,smooth,id9,w0"
    app = uploaded(new_session, zipped(files))
    assert "different labels" in app.text
    app.press("Leave copies out")
    assert app.errors == []
    left = set(app.at.session_state["medtune.table"].frame["image"])
    assert not {"pictures/copy.png", "pictures/p03.png"} & left  # one of the two labels is wrong
    assert "pictures/p04.png" in left


def test_a_reload_finds_the_pictures_again(home, new_session):
    uploaded(new_session, labelled(30))
    again = new_session().open(DATA)
    assert again.errors == []
    assert "30 pictures were read" in again.text
    assert again.at.session_state["medtune.settings"].genes.use == "no"  # more measures than pictures, yet no genes


def test_patients_without_pictures_are_told_where_pictures_come_from(home, new_session):
    assert "There is no run yet" in new_session().open("pages/results/pictures.py").text
    from medtune.cohort.demo import two_hospitals

    home.remember("cohort_id", home.add_cohort(two_hospitals()[1]))
    assert "These patients have no pictures" in new_session().open("pages/results/pictures.py").text


def test_what_was_chosen_for_pictures_goes_with_them(home, new_session):
    app = uploaded(new_session, labelled(30))
    chosen = app.at.session_state["medtune.settings"]
    assert (chosen.genes.use, chosen.family.strength) == ("no", 30)
    rows = "\n".join(f"{place},{place % 2},{place % 7}" for place in range(60))
    app.at.file_uploader[0].upload("table.csv", f"age,died,score\n{rows}".encode()).run()
    assert app.errors == []
    chosen = app.at.session_state["medtune.settings"]
    assert (chosen.genes.use, chosen.family.strength) == ("auto", 1)


def test_tuning_the_network_is_offered_only_where_it_has_measured_the_pictures(home, new_session, monkeypatch):
    words = "Tune the last block of the network to the pictures"
    monkeypatch.setattr("medtune.ui.model_choices.network_here", lambda: True)
    app = uploaded(new_session, labelled(40)).press("Use these patients")
    assert words not in [toggle.label for toggle in app.open(FINE_TUNE).at.toggle]
    cohort = app.at.session_state["medtune.cohort"]
    measured = cohort.frame.assign(net_000=0.5)
    app.at.session_state["medtune.cohort"] = replace(cohort, frame=measured)
    app.open(FINE_TUNE)
    next(toggle for toggle in app.at.toggle if toggle.label == words).set_value(True).run()
    assert app.errors == []
    assert app.at.session_state["medtune.settings"].aids.network
