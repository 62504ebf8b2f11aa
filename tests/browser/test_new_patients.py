"""New patients are scored, and the file that comes back has one risk for each."""

from __future__ import annotations

import pandas as pd
from playwright.sync_api import expect

from medtune.cohort.demo import two_hospitals
from medtune.models.scoring import RISK
from tests.browser import steps


def test_a_scored_table_has_one_risk_for_each_patient(page, demo_server, tmp_path):
    patients = two_hospitals(seed=7)[1].frame.drop(columns="died").head(80)
    table = {"name": "newcomers.csv", "mimeType": "text/csv", "buffer": patients.to_csv(index=False).encode()}
    steps.open_page(page, f"{demo_server.url}/score")
    steps.upload(page, table)
    steps.expect_text(page, "of 80 patients")
    steps.no_trouble(page)
    button = page.get_by_role("button", name="Download all 80 patients")
    expect(button).to_be_enabled()
    with page.expect_download(timeout=steps.PATIENCE) as coming:
        button.click()
    assert coming.value.suggested_filename == "newcomers_scored.csv"
    coming.value.save_as(tmp_path / "scored.csv")
    scored = pd.read_csv(tmp_path / "scored.csv")
    assert len(scored) == 80
    assert scored[RISK].between(0, 1, inclusive="neither").all()
    assert scored[RISK].nunique() > 70
    assert list(scored["patient_id"]) == list(patients["patient_id"])
