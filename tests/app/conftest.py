"""The dashboard, driven without a browser."""

from __future__ import annotations

import html
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]


class App:
    """The app as a person meets it: pages by path, widgets by label, text as shown."""

    def __init__(self) -> None:
        self.at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()

    def open(self, path: str) -> App:
        self.at.switch_page(path).run()
        return self

    def press(self, label: str) -> App:
        next(button for button in self.at.button if button.label == label).click().run()
        return self

    def widget(self, kind: str, label: str):
        return next(widget for widget in getattr(self.at, kind) if widget.label == label)

    def has(self, kind: str, label: str) -> bool:
        return any(widget.label == label for widget in getattr(self.at, kind))

    @property
    def html(self) -> str:
        bodies = (element.proto.body for element in self.at.get("html"))
        return html.unescape("\n".join(body for body in bodies if not body.startswith("<style>")))

    @property
    def text(self) -> str:
        """Everything that is said, markup and all."""
        said = [
            element.value
            for kind in ("title", "subheader", "markdown", "info", "warning", "error", "caption")
            for element in self.at.get(kind)
        ]
        return "\n".join([*said, self.html]).replace("\\", "")

    @property
    def errors(self) -> list[str]:
        assert not self.at.exception, self.at.exception
        return [error.value.replace("\\", "") for error in self.at.error]


@pytest.fixture
def app():
    return App()


@pytest.fixture
def new_session():
    return App


def reports(monkeypatch) -> list[bytes]:
    """The reports of runs that the Results page offers from here on, made at once."""
    from medtune.ui.results import report

    pages: list[bytes] = []
    monkeypatch.setattr(report.st, "download_button", lambda label, data, **_: pages.append(data()))
    return pages
