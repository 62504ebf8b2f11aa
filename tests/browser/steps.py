"""What a person does on a page, and waiting until the page has answered."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, TimeoutError, expect

PATIENCE = 30_000  # ms; far above what anything takes, so that a busy machine fails no test
SETTLED = (
    '[data-testid="stApp"][data-test-script-state="notRunning"][data-test-connection-state="CONNECTED"]'
    ':not(:has([data-stale="true"])):not(:has([data-testid="stSkeleton"]))'
)


def idle(page: Page, timeout: float = PATIENCE) -> None:
    """Wait until the server has run the page to its end and the browser shows the result.

    Parameters
    ----------
    page : Page
        A page of the dashboard.
    timeout : float
        Milliseconds after which the wait fails.
    """
    page.wait_for_timeout(150)  # a click reaches the server a moment after it was made
    for _ in range(2):  # a page that runs itself once more is quiet in between
        page.locator(SETTLED).wait_for(state="attached", timeout=timeout)
        page.wait_for_timeout(50)


def open_page(page: Page, url: str) -> None:
    """Go to an address and wait for the page to be complete."""
    page.goto(url)
    page.get_by_test_id("stMain").wait_for(timeout=PATIENCE)
    idle(page)


def reload(page: Page) -> None:
    """Press F5."""
    page.reload()
    page.get_by_test_id("stMain").wait_for(timeout=PATIENCE)
    idle(page)


def text(page: Page) -> str:
    """What can be read on the page, without the sidebar; runs of white space are one space."""
    return re.sub(r"\s+", " ", page.get_by_test_id("stMain").inner_text())


def expect_text(page: Page, wanted: str | re.Pattern, timeout: float = PATIENCE) -> None:
    """Wait until the page says something."""
    expect(page.get_by_test_id("stMain")).to_contain_text(wanted, timeout=timeout)


def no_trouble(page: Page) -> None:
    """Fail when the page shows an exception."""
    expect(page.get_by_test_id("stException")).to_have_count(0)


def press(page: Page, name: str | re.Pattern) -> None:
    """Press the button or link that carries this text."""
    page.get_by_test_id("stMain").get_by_role("button", name=name).first.click()
    idle(page)


def go(page: Page, name: str) -> None:
    """Open a page by its name in the sidebar."""
    sidebar = page.get_by_test_id("stSidebar")
    if sidebar.get_attribute("data-collapsed") == "true":  # on a narrow screen
        page.get_by_test_id("stExpandSidebarButton").click()
    sidebar.get_by_role("link", name=name).first.click()
    idle(page)


def upload(page: Page, path: Path | str | dict, number: int = 0) -> None:
    """Give a file to the page.

    Parameters
    ----------
    page : Page
        A page with an uploader.
    path : Path, str or dict
        The file, or ``{"name", "mimeType", "buffer"}`` for one that is on no disk.
    number : int
        Which uploader, counted from 0.
    """
    page.get_by_test_id("stFileUploaderDropzoneInput").nth(number).set_input_files(path)
    idle(page)


def choose(page: Page, label: str, option: str | re.Pattern) -> None:
    """Choose from a list.

    Parameters
    ----------
    page : Page
        A page with the list.
    label : str
        What stands above the list.
    option : str or pattern
        The entry to choose, as it is shown.
    """
    box = page.get_by_test_id("stMain").get_by_role("combobox", name=label).first
    entry = page.get_by_role("option", name=option, exact=True).first
    for attempt in (1, 2, 3):  # a page that is drawn anew meanwhile closes the list
        if box.get_attribute("aria-expanded") != "true":
            box.click()
        try:
            entry.click(timeout=PATIENCE if attempt == 3 else 4000)
            break
        except TimeoutError:
            if attempt == 3:
                raise
    idle(page)
    if page.locator('[role="combobox"][aria-expanded="true"]').count():  # a list for several stays open
        page.keyboard.press("Escape")
        idle(page)


def tick(page: Page, label: str) -> None:
    """Change a check box or switch, or choose a radio button."""
    page.get_by_test_id("stMain").get_by_text(label, exact=True).first.click()
    idle(page)


def slide(page: Page, label: str | re.Pattern, steps: int) -> None:
    """Move a slider by the arrow keys.

    Parameters
    ----------
    page : Page
        A page with the slider.
    label : str or pattern
        What stands above the slider.
    steps : int
        How many steps to the right, or to the left when negative.
    """
    handle = slider(page, label)
    handle.focus()
    for _ in range(abs(steps)):
        page.keyboard.press("ArrowRight" if steps > 0 else "ArrowLeft")
    idle(page)


def slider(page: Page, label: str | re.Pattern) -> Locator:
    """The handle of a slider."""
    return page.get_by_test_id("stSlider").filter(has_text=label).get_by_role("slider").first
