"""What the browser tests share: a dashboard, a Chromium, and a watch over both."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import pytest

from tests.browser import walk
from tests.browser.server import Server, browser_options

SERVERS = pytest.StashKey[list]()


def pytest_collection_modifyitems(items):
    """Mark these tests, and leave them out where there is no browser, except in continuous integration."""
    here = os.path.dirname(__file__)
    reason = "no Chromium or Chrome found: install one, or name it in MEDTUNE_CHROMIUM"
    absent = not browser_options() and not os.environ.get("CI")
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.browser)
            if absent:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Start the system's Chromium rather than one that Playwright would download."""
    options = browser_options()
    assert options, "there is no Chromium or Chrome to test in"
    return {**browser_type_launch_args, **options}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    """A laptop's window, an English reader."""
    return {**browser_context_args, "viewport": {"width": 1280, "height": 800}, "locale": "en-GB"}


@pytest.fixture(scope="session")
def _server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("dashboard")) as server:
        yield server


@pytest.fixture
def server(_server, request):
    """The dashboard that the tests share; what one stores in it the next one finds."""
    yield from watched(_server, request)


@pytest.fixture
def fresh_server(tmp_path, request):
    """A dashboard that nobody has opened yet, with nothing stored."""
    with Server(tmp_path) as server:
        yield from watched(server, request)


@pytest.fixture(scope="session")
def _demo_server(tmp_path_factory, browser, browser_context_args):
    with Server(tmp_path_factory.mktemp("demo")) as server:
        context = browser.new_context(**browser_context_args)
        walk.try_the_demo(context.new_page(), server.url)
        context.close()
        yield server


@pytest.fixture
def demo_server(_demo_server, request):
    """A dashboard in which somebody has pressed "Try the demo" and seen its results."""
    yield from watched(_demo_server, request)


def watched(server: Server, request: pytest.FixtureRequest):
    """Lend a server to one test and fail the test when the server met an exception meanwhile."""
    before = len(server.log())
    request.node.stash.setdefault(SERVERS, []).append((server, before))
    yield server
    assert "Traceback (most recent call last)" not in server.log()[before:], server.log()[before:]


@pytest.fixture(autouse=True)
def nothing_leaves_this_computer(request):
    """Fail the test when its page asked an outside host for anything."""
    if "page" not in request.fixturenames:
        yield
        return
    asked = []
    context = request.getfixturevalue("context")
    context.on("request", lambda sent: asked.append(sent.url))
    yield
    outside = {url for url in asked if urlsplit(url).scheme in ("http", "https", "ws", "wss") and not is_local(url)}
    assert outside == set()


@pytest.fixture(autouse=True)
def the_browser_has_no_complaint(request):
    """Fail the test when its page met an error in the browser."""
    if "page" not in request.fixturenames:
        yield
        return
    errors = []
    context = request.getfixturevalue("context")
    context.on("weberror", lambda error: errors.append(str(error.error)))
    context.on(
        "console", lambda said: errors.append(f"{said.text} {said.location['url']}") if said.type == "error" else None
    )
    yield
    # On a deep link Streamlit's page asks below its own address first, to find out where the server is.
    assert [error for error in errors if "/_stcore/" not in error] == []


def is_local(url: str) -> bool:
    """Whether an address is on this computer."""
    return urlsplit(url).hostname in ("127.0.0.1", "localhost")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Show what the server said beside the failure of a test."""
    report = yield
    if report.failed:
        for server, before in item.stash.get(SERVERS, []):
            report.sections.append(("dashboard", server.log()[before:][-8000:]))
    return report
