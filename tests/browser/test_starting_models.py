"""A published equation in a browser, from the upload of patients to the verdict."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps

LONG = 120_000  # ms; what a run may take while the machine is busy with others
FORMULA = "logit(p) = -5 + 0.06*age + 0.5*(sex=male) + 0.8*log(creatinine_mg_dl)"
VERDICT = re.compile("The tuned model is (probably )?better|No gain over the original|the points")


def patients() -> pd.DataFrame:
    """Local patients: other names, codes and units than the models have, and more events than they expect."""
    rng, n = np.random.default_rng(4), 300
    age, sex, creatinine = rng.normal(65, 10, n).round(), rng.choice(["M", "F"], n), rng.lognormal(0.1, 0.4, n)
    eta = 0.06 * age + 0.5 * (sex == "M") + 0.8 * np.log(creatinine)
    return pd.DataFrame(
        {
            "Age": age,
            "gender": sex,
            "creatinine_umol": (88.4017 * creatinine).round(1),
            "vendor_percent": (100 / (1 + np.exp(5.5 - eta))).round(2),
            "died": np.where(rng.random(n) < 1 / (1 + np.exp(4.5 - eta)), "yes", "no"),
        }
    )


@pytest.fixture
def fine_tune(page: Page, fresh_server) -> Page:
    """The Fine-tune page with these patients in use."""
    steps.open_page(page, fresh_server.url)
    steps.go(page, "Data")
    table = {"name": "here.csv", "mimeType": "text/csv", "buffer": patients().to_csv(index=False).encode()}
    steps.upload(page, table)
    steps.press(page, "Use these patients")
    steps.expect_text(page, "These patients are in use.")
    steps.go(page, "Fine-tune")
    return page


def verdict(page: Page) -> str:
    """Start the run and wait for the sentence that answers."""
    steps.press(page, "Start fine-tuning")
    answer = page.get_by_test_id("stMain")
    expect(answer.get_by_role("heading", level=1)).to_have_text("Results", timeout=LONG)
    expect(answer).to_contain_text(VERDICT, timeout=steps.PATIENCE)
    steps.no_trouble(page)
    return steps.text(page)


def read_formula(page: Page, formula: str) -> None:
    """Type a formula into the box and have it read."""
    box = page.get_by_role("textbox", name="Formula, or terms")
    box.fill(formula)
    box.blur()
    steps.idle(page)
    steps.press(page, "Read it")


def test_a_published_equation_is_typed_in_checked_and_tuned(fine_tune):
    page = fine_tune
    steps.tick(page, "A published equation")
    read_formula(page, FORMULA)
    steps.expect_text(page, "ln(creatinine_mg_dl)")
    cells = page.get_by_test_id("stDataFrame").nth(1)
    for row, value in enumerate(("70", "male", "1")):
        cells.click(position={"x": 480, "y": 35 * row + 52})
        page.keyboard.type(value, delay=60)
        page.keyboard.press("Enter")
        steps.idle(page)
    steps.expect_text(page, "These values give a risk of 42.56%.")  # 1 / (1 + exp(5 - 4.2 - 0.5))
    steps.press(page, "Use this equation")
    steps.expect_text(page, "3 of 3 predictors are fed by a column here.")
    steps.go(page, "Data")
    steps.go(page, "Fine-tune")
    steps.expect_text(page, "is in the library, and fine-tuning starts from it.")
    said = verdict(page)
    assert "The tuned model is" in said
    steps.go(page, "Models")
    steps.expect_text(page, "Published equation")
