"""Pictures in a real browser: the demo in one click, and real X-rays from the upload to a map."""

from __future__ import annotations

import re

import pytest

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
    steps.expect_text(page, "Red parts raise the estimated risk", LONG)
    steps.no_trouble(page)


@pytest.mark.skipif(not XRAY.exists(), reason="the public X-rays (shared/data/pneumonia_xray.zip) are not here")
def test_real_x_rays_go_from_upload_to_a_verdict_and_a_map(page, fresh_server):
    steps.open_page(page, f"{fresh_server.url}/data")
    steps.upload(page, XRAY)
    steps.expect_text(page, "524 pictures were read, all 28 x 28 pixels.", LONG)
    steps.expect_text(page, "each counts as a patient of its own")
    steps.press(page, "Use these patients")
    steps.expect_text(page, "These patients are in use.")
    walk.visit(page, "Fine-tune")
    steps.press(page, "Start training")
    walk.arrive(page, "Results", LONG)
    assert walk.answer(page) in walk.VERDICTS
    steps.expect_text(page, re.compile(r"0\.9[6-9]"))
    walk.visit(page, "Pictures")
    steps.expect_text(page, re.compile(r"most wrong about 'chest_\d+\.png'"))
    steps.expect_text(page, "Red parts raise the estimated risk", LONG)
