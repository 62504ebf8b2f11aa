"""``python -m medtune score``: the same result as the page, from a shell."""

from pathlib import Path

import pandas as pd
import pytest

from medtune.__main__ import main
from medtune.models.files import save_model
from tests.models.conftest import fitted, patients


@pytest.fixture(scope="module")
def model():
    return fitted("logistic")


@pytest.fixture
def files(model, tmp_path):
    save_model(model, tmp_path / "model.skops")
    patients(30, seed=8)[0].rename(columns={"age": "Age"}).to_csv(tmp_path / "new.csv", index=False)
    return [str(tmp_path / name) for name in ("model.skops", "new.csv", "out.csv")]


def test_it_scores_a_table_and_says_what_it_did(model, files, capsys):
    assert main(["score", *files, "--threshold", "0.4"]) == 0
    table, risk = pd.read_csv(files[2]), model.risk(patients(30, seed=8)[0])
    assert (table["estimated_risk"] - risk).abs().max() < 1e-6
    assert list(table["flagged"] == "yes") == list(table["estimated_risk"] >= 0.4)
    out, err = capsys.readouterr()
    assert "30 patients scored" in out
    assert "Column 'Age' was taken for 'age'." in err


@pytest.mark.parametrize(
    ("place", "content", "sentence"),
    [
        (0, b"\x80\x04\x95abc", "is a pickle"),
        (0, None, "There is no model file 'model.skops'"),
        (1, None, "'new.csv' cannot be opened"),
        (1, b"age,height\n50,170\n60,180\n", "lacks 4 of the 5 columns"),
    ],
)
def test_it_ends_with_one_sentence_when_it_cannot_go_on(files, capsys, place, content, sentence):
    Path(files[place]).unlink() if content is None else Path(files[place]).write_bytes(content)
    assert main(["score", *files]) == 1
    assert sentence in capsys.readouterr().err
    assert not Path(files[2]).exists()


def test_it_says_when_the_result_has_no_place(files, capsys):
    assert main(["score", *files[:2], files[2] + "/missing/out.csv"]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_a_threshold_that_is_no_risk_is_refused(files, capsys):
    with pytest.raises(SystemExit):
        main(["score", *files, "--threshold", "40"])
    assert "between 0 and 1" in capsys.readouterr().err


def test_it_reports_per_row_what_the_model_does_not_know(files, capsys, tmp_path):
    frame = pd.read_csv(files[1])
    frame.loc[4, "Age"] = 4321.0
    frame.to_csv(files[1], index=False)
    report = tmp_path / "report.csv"
    assert main(["score", *files, "--report", str(report)]) == 0
    lines = pd.read_csv(report)
    (mine,) = lines.loc[lines["warning"].str.startswith("age is above"), "patient"]
    assert mine == 5
    assert pd.read_csv(files[2])["warnings"][4].startswith("age is above")
    err = capsys.readouterr().err
    assert "carry a warning:" in err
    assert "4321" not in err
