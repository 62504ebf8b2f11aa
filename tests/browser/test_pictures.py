"""Pictures in a real browser: the demo in one click, and real X-rays from the upload to a map."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import pytest

from medtune.foundation.settings import Settings, Validation
from medtune.runs.store import Store
from tests.browser import steps, walk
from tests.sources import ROOT

XRAY = ROOT.parent / "shared" / "data" / "pneumonia_xray.zip"
LONG = 300_000  # ms; measuring takes a while on a busy machine


def test_the_demo_of_pictures_is_one_click(page, fresh_server):
    steps.open_page(page, fresh_server.url)
    steps.press(page, "Try it on pictures")
    walk.arrive(page, "Results", LONG)
    assert walk.answer(page) in walk.VERDICTS
    walk.visit(page, "Pictures")
    steps.expect_text(page, "The model is most wrong about 'lesion_B")
    steps.no_trouble(page)


def first_x_rays(count: int) -> bytes:
    """The first of the real X-rays with their labels: enough for a verdict and a map, in less than half the time."""
    packed = io.BytesIO()
    with zipfile.ZipFile(XRAY) as whole, zipfile.ZipFile(packed, "w") as part:
        (table,) = (name for name in whole.namelist() if name.endswith(".csv"))
        head, *rows = csv.reader(io.StringIO(whole.read(table).decode()))
        lines = io.StringIO()
        csv.writer(lines).writerows([head, *rows[:count]])
        part.writestr(table, lines.getvalue())
        for row in rows[:count]:
            part.writestr(row[0], whole.read(row[0]))
    return packed.getvalue()


@pytest.mark.skipif(not XRAY.exists(), reason="the public X-rays (shared/data/pneumonia_xray.zip) are not here")
def test_real_x_rays_go_from_upload_to_a_verdict_and_a_map(page, fresh_server):
    Store(fresh_server.home).remember("settings", Settings(validation=Validation(repeats=1)))
    steps.open_page(page, f"{fresh_server.url}/data")
    steps.upload(page, {"name": XRAY.name, "mimeType": "application/zip", "buffer": first_x_rays(200)})
    steps.expect_text(page, "200 pictures were read, all 28 x 28 pixels.", LONG)
    steps.expect_text(page, "each counts as a patient of its own")
    steps.press(page, "Use these patients")
    steps.expect_text(page, "These patients are in use.")
    walk.visit(page, "Fine-tune")
    steps.press(page, "Start training")
    walk.arrive(page, "Results", LONG)
    assert walk.answer(page) in walk.VERDICTS
    steps.expect_text(page, re.compile(r"0\.9[3-9]"))
    walk.visit(page, "Pictures")
    steps.expect_text(page, re.compile(r"most wrong about 'chest_\d+\.png'"))
    steps.expect_text(page, "Red parts raise the estimated risk", LONG)
