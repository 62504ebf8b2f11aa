"""The very first request to a fresh server may go to any page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import steps, walk

# Address -> title, the sentence of the empty page, and the link that fixes it.
PAGES = {
    "results": ("Results", "There is no run yet.", "Fine-tune"),
    "fine_tune": ("Fine-tune", "There are no patients yet.", "Data"),
    "score": ("Score", "There is no model to score with.", "To the demo"),
}
TELL_TALES = "window.dialogs = []; new MutationObserver(() => document.querySelectorAll('[role=dialog]').forEach(" \
    "dialog => window.dialogs.push(dialog.innerText))).observe(document, {childList: true, subtree: true})"  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_a_deep_link_shows_its_own_empty_page_and_the_way_on(page, fresh_server, address):
    title, sentence, link = PAGES[address]
    page.add_init_script(TELL_TALES)
    steps.open_page(page, f"{fresh_server.url}/{address}")
    walk.arrive(page, title)
    steps.expect_text(page, sentence)
    expect(page.get_by_test_id("stMain").get_by_role("link", name=link).first).to_be_visible()
    for other in walk.PAGES:
        expect(page.get_by_test_id("stSidebar").get_by_role("link", name=other, exact=False).first).to_be_visible()
    assert page.evaluate("window.dialogs") == []
    assert "Traceback" not in steps.text(page)
