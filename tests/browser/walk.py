"""Whole stretches of the way from a table to a verdict, as a person goes them."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from medtune.tuning.verdict import SCRATCH_STATES, STATES
from tests.browser import steps

LONG = 120_000  # ms; what a run may take while the machine is busy with others
PAGES = (
    "Data",
    "Prepare",
    "Fine-tune",
    "Results",
    "Explain",
    "What changed",
    "One patient",
    "Hard patients",
    "Score",
    "Models",
    "Runs",
)
VERDICTS = {str(sentence) for states in (STATES, SCRATCH_STATES) for sentence in states.values()}


def arrive(page: Page, title: str, timeout: float = steps.PATIENCE) -> None:
    """Wait until the page with this title is there and complete."""
    heading = page.get_by_test_id("stMain").get_by_role("heading", level=1)
    expect(heading).to_have_text(title, timeout=timeout)
    steps.idle(page)
    steps.no_trouble(page)


def visit(page: Page, title: str) -> None:
    """Open a page by its name in the sidebar and wait for it."""
    steps.go(page, title)
    arrive(page, title)


def try_the_demo(page: Page, url: str) -> None:
    """From the first page to the demo's results, in one click."""
    steps.open_page(page, url)
    steps.press(page, "Try the demo")
    arrive(page, "Results", LONG)


def answer(page: Page) -> str:
    """The one sentence under the title."""
    return page.get_by_test_id("stMain").locator("p.answer").first.inner_text()


def train(page: Page, button: str) -> str:
    """Start the run that the Fine-tune page offers, see its progress, and wait for its results.

    Parameters
    ----------
    page : Page
        The Fine-tune page.
    button : str
        What the button that starts says.

    Returns
    -------
    str
        The verdict in one sentence.
    """
    steps.press(page, button)
    # A small run can be over before its progress was seen.
    over = page.get_by_test_id("stMain").get_by_role("heading", level=1, name="Results")
    expect(page.get_by_test_id("stProgress").or_(over).first).to_be_visible(timeout=steps.PATIENCE)
    arrive(page, "Results", LONG)
    return answer(page)
