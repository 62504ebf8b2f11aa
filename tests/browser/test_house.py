"""The dashboard as it is served: local only, the house's colours, deep links on a fresh server."""

from __future__ import annotations

import http.client
import re

import pytest

from tests.browser import steps

PAPER = {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 22, 29)"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_takes_the_readers_scheme(page, server, scheme):
    page.emulate_media(color_scheme=scheme)
    steps.open_page(page, server.url)
    steps.no_trouble(page)
    paper = page.get_by_test_id("stApp").evaluate("app => getComputedStyle(app).backgroundColor")
    assert paper == PAPER[scheme]


def luminance(colour: str) -> float:
    """Relative luminance of "rgb(r, g, b)", as WCAG 2 defines it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_main_button_can_be_read(page, server, scheme):
    page.emulate_media(color_scheme=scheme)
    steps.open_page(page, server.url)
    button = page.get_by_test_id("stBaseButton-primary").first
    colours = button.evaluate("b => [getComputedStyle(b).color, getComputedStyle(b).backgroundColor]")
    dark, light = sorted(map(luminance, colours))
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_text_is_set_in_the_font_that_is_served_here(page, server):
    steps.open_page(page, server.url)
    loaded = "[...document.fonts].filter(font => font.status === 'loaded').map(font => font.family)"
    assert "Source Sans" in " ".join(page.evaluate(f"document.fonts.ready.then(() => {loaded})"))


def test_a_deep_link_on_a_fresh_server_goes_through_the_app(page, fresh_server):
    steps.open_page(page, f"{fresh_server.url}/results")
    steps.no_trouble(page)
    assert page.get_by_test_id("stSidebar").get_by_role("link").count() > 3


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1", 101), ("localhost", 101), ("elsewhere.example", 403)])
def test_only_this_computers_own_names_reach_the_dashboard(server, host, status):
    asking = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    headers = {"Host": host, "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    asking.request("GET", "/_stcore/stream", headers=headers | {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="})
    assert asking.getresponse().status == status
    asking.close()
