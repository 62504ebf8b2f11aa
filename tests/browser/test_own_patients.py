"""From a table of one's own to a model, and from that model to the patients of other hospitals."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from medtune.cohort.demo import two_hospitals
from medtune.foundation.settings import Settings, Validation
from medtune.runs.store import Store
from medtune.tuning.verdict import SCRATCH_STATES
from tests.browser import steps, walk
from tests.sources import ROOT

HEART = ROOT.parent / "shared" / "data" / "heart_four_hospitals.csv"
MODEL = "Made at the first hospital"


@dataclass(frozen=True)
class Study:
    """A table with several hospitals: one to train at, others to tune to.

    Attributes
    ----------
    name : str
        Of the file, without its ending.
    table : callable
        Gives the file to upload.
    outcome : str
        The column that is chosen as outcome.
    event : callable
        Says on the page which values count as the event.
    missing : str
        A column whose impossible zeros are marked as missing; "" when it has none.
    hospitals : tuple of str
        Some values of the column "hospital", the one to train at first.
    """

    name: str
    table: Callable[[], object]
    outcome: str
    event: Callable[[Page], None]
    missing: str
    hospitals: tuple[str, ...]


def demo_table() -> dict:
    """The two synthetic hospitals as one CSV file."""
    both = pd.concat([cohort.frame for cohort in two_hospitals()])
    return {"name": "two_hospitals.csv", "mimeType": "text/csv", "buffer": both.to_csv(index=False).encode()}


def diseased(page: Page) -> None:
    """A stage from 1 on is the event."""
    number = page.get_by_role("spinbutton", name="this number")
    number.fill("1")
    number.press("Enter")
    steps.idle(page)


def died(page: Page) -> None:
    """'yes' is the event, as proposed."""
    expect(page.get_by_role("button", name="Remove yes")).to_be_visible()


STUDIES = {
    "demo": Study("two_hospitals", demo_table, "died", died, "", ("Hospital A", "Hospital B")),
    "heart": Study(
        "heart_four_hospitals",
        lambda: HEART,
        "disease_stage",
        diseased,
        "cholesterol",
        ("cleveland", "hungarian", "switzerland"),
    ),
}


@pytest.mark.parametrize("name", ["heart" if HEART.exists() else "demo"])
def test_a_model_trained_at_one_hospital_is_tuned_to_the_others(page, fresh_server, name):
    study = STUDIES[name]
    first, *others = study.hospitals
    # Little work: what is tested is the way from hospital to hospital.
    Store(fresh_server.home).remember("settings", Settings(validation=Validation(repeats=1, resamples=100)))
    steps.open_page(page, f"{fresh_server.url}/data")
    choose_patients(page, study)
    walk.visit(page, "Fine-tune")
    steps.tick(page, "Nothing")
    assert walk.train(page, "Start training") == str(SCRATCH_STATES["better"])
    save(page)
    for before, hospital in zip(study.hospitals, others, strict=False):
        change_hospital(page, before, hospital)
        walk.visit(page, "Fine-tune")
        steps.tick(page, "A model of the library")
        steps.choose(page, "Model", MODEL)
        steps.expect_text(page, f"patients of {study.name}, {first}")
        if hospital == "switzerland":
            steps.expect_text(page, "Needs 10 patients without the event; there are 8.")
        assert walk.train(page, "Start fine-tuning") in walk.VERDICTS
        steps.expect_text(page, re.compile(r"On \d+ local patients .* log-loss by"))


def choose_patients(page: Page, study: Study) -> None:
    """Upload the table, say what the event is, mark what is missing, and keep the first hospital."""
    first = study.hospitals[0]
    steps.upload(page, study.table())
    steps.choose(page, "Outcome", study.outcome)
    study.event(page)
    if study.missing:
        card = page.locator('[class*="st-key-finding_"]').filter(has_text=f"'{study.missing}' is 0")
        card.get_by_role("button", name="Mark as missing").click()
        expect(card).to_have_count(0)
    steps.choose(page, "Use only patients where", "hospital")
    expect(page.get_by_role("button", name=f"Remove {first}")).to_be_visible()
    use(page, f"{study.name}, {first}")


def use(page: Page, named: str) -> None:
    """Put the patients into use; the strip on top names them."""
    steps.press(page, "Use these patients")
    steps.expect_text(page, "These patients are in use.")
    expect(page.get_by_test_id("stMain").get_by_role("status").first).to_contain_text(named)


def save(page: Page) -> None:
    """Keep the model of the run under a name of one's own."""
    box = page.get_by_test_id("stMain").get_by_role("textbox", name="Name")
    box.fill(MODEL)
    box.press("Enter")
    steps.idle(page)
    steps.press(page, "Save to library")
    steps.expect_text(page, f"Saved as “{MODEL}”.")


def change_hospital(page: Page, before: str, hospital: str) -> None:
    """Take the patients of another hospital from the same table, all other choices as they are."""
    walk.visit(page, "Data")
    page.get_by_role("button", name=f"Remove {before}").click()
    steps.idle(page)
    steps.choose(page, "is", hospital)
    if hospital == "hungarian":  # only the stages 0 and 1 occur there; the event is still "at least 1"
        expect(page.get_by_role("spinbutton", name="this number")).to_have_value("1")
    if hospital == "switzerland":
        steps.expect_text(page, "Only 8 patients without the event")
        steps.expect_text(page, "Every cell is missing in 'cholesterol'")
    use(page, hospital)
