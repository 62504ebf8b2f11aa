"""How long a reader waits in a real browser: first paint, page switch, slider move.

`python -m benchmarks.page_time [--quick]`. Times are taken inside the browser, from the key press or the start of the
navigation to the frame in which the answer is there.
"""

from __future__ import annotations

import argparse
import re
import time

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.table import Row, publish, quantiles
from tests.browser import steps
from tests.browser.server import Server, browser_options

CASE = "demo, 300 patients"
THRESHOLD = "A patient is flagged"

# Watches every frame: when the title is there, and when nothing on the page is waited for any more.
WATCH = """
const settled = SETTLED;
const title = () => document.querySelector('[data-testid="stMain"] h1');
const seen = (what, patience = 30000) => new Promise((done, fail) => {
  const start = performance.now();
  const look = () => {
    const now = performance.now();
    what() ? done(now) : now - start > patience ? fail(new Error('never seen: ' + what)) : requestAnimationFrame(look);
  };
  look();
});
window.firstPaint = seen(title);
window.complete = window.firstPaint.then(() => seen(() => document.querySelector(settled)));
window.switchTo = async (link) => {
  const before = title().innerText, start = performance.now();
  link.click();
  const read = await seen(() => title() && title().innerText !== before);
  const complete = await seen(() => document.querySelector(settled));
  return [read - start, complete - start];
};
window.armSlider = () => {
  const words = (selector) => [...document.querySelectorAll(selector)].map((e) => e.textContent).join('|');
  const answer = () => [words('[data-testid="stMain"] .figures'), words('.js-plotly-plot svg')];
  const before = answer();
  window.moved = new Promise((done) => document.addEventListener('keydown', () => {
    const start = performance.now();
    const changed = () => answer().every((text, i) => text !== before[i]);
    seen(changed, 3000).then((end) => done(end - start), () => done(null));
  }, { capture: true, once: true }));
};
""".replace("SETTLED", repr(steps.SETTLED))


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer repeats, done within 50 seconds")
    quick = parser.parse_args().quick
    visits, rounds, moves = (2, 1, 6) if quick else (20, 5, 40)
    options = browser_options()
    if not options:
        raise SystemExit("There is no Chromium or Chrome: install one, or name it in MEDTUNE_CHROMIUM.")
    with Server() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options)
        rows = [Row("fresh server, first visit", "first paint", visit(browser, server.url)[0], "ms")]
        page, demo = run_demo(browser, server.url)
        rows.append(Row(CASE, "demo from click to result", demo, "ms"))
        rows += first_paint(browser, server.url, visits)
        rows += page_switch(page, rounds)
        rows += slider_move(page, moves)
        browser.close()
    publish("page_time", rows)


def new_page(browser: Browser) -> Page:
    """A laptop's window with the watch in it and an empty cache."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.add_init_script(WATCH)
    return page


def visit(browser: Browser, url: str) -> tuple[float, float]:
    """Milliseconds from the navigation to the title, and to the complete page, for somebody who comes anew."""
    page = new_page(browser)
    page.goto(url)
    times = page.evaluate("Promise.all([window.firstPaint, window.complete])")
    page.context.close()
    return tuple(times)


def run_demo(browser: Browser, url: str) -> tuple[Page, float]:
    """Press "Try the demo" and wait for its result: the page, and the milliseconds it took."""
    page = new_page(browser)
    steps.open_page(page, url)
    start = time.perf_counter()
    page.get_by_role("button", name="Try the demo").click()
    page.wait_for_url("**/results", timeout=120_000)
    steps.idle(page)
    return page, 1000 * (time.perf_counter() - start)


def first_paint(browser: Browser, url: str, visits: int) -> list[Row]:
    """New visitors on a server that is warm, coming to the first page and to the fullest one."""
    rows = []
    for name, address in (("start page", url), ("results page, by its address", f"{url}/results")):
        times = [visit(browser, address) for _ in range(visits)]
        rows += quantiles(name, "first paint", [paint for paint, _ in times], "ms")
        rows += quantiles(name, "complete", [complete for _, complete in times], "ms")
    return rows


def page_switch(page: Page, rounds: int) -> list[Row]:
    """Through every page by the sidebar, with the demo's run in view."""
    links = page.get_by_test_id("stSidebar").get_by_role("link")
    read, complete = [], []
    for _ in range(rounds):
        for number in range(links.count()):
            if links.nth(number).get_attribute("aria-current") == "page":
                continue
            times = links.nth(number).evaluate("link => window.switchTo(link)")
            read.append(times[0])
            complete.append(times[1])
    return quantiles(CASE, "page switch, title", read, "ms") + quantiles(CASE, "page switch, complete", complete, "ms")


def slider_move(page: Page, moves: int) -> list[Row]:
    """One step of the threshold, until the table and the two-by-two show the new numbers."""
    steps.go(page, "Results")
    handle = steps.slider(page, re.compile(THRESHOLD))
    handle.focus()
    times = []
    for move in range(moves):
        page.evaluate("window.armSlider()")
        page.keyboard.press("ArrowRight" if move % 10 < 5 else "ArrowLeft")
        times.append(page.evaluate("window.moved"))
        steps.idle(page)
    times = [taken for taken in times if taken is not None]  # none where no patient lies between two thresholds
    if not times:
        raise SystemExit("The threshold slider changed nothing: the results page is not the one measured here.")
    return quantiles(CASE, "slider move", times, "ms")


if __name__ == "__main__":
    main()
