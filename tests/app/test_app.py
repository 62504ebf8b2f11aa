"""What holds for every page: light imports, troubles told in words."""

import subprocess
import sys
from pathlib import Path

import pytest

from medtune.runs.store import Store

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("sklearn", "shap", "statsmodels", "skops", "lightgbm", "matplotlib")
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "pages").glob("*/*.py"))


def test_opening_every_page_imports_nothing_heavy(own_home):
    script = f"""
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({str(ROOT / "app.py")!r}, default_timeout=60).run()
for page in {PAGES!r}:
    app.switch_page(page).run()
    assert not app.exception, (page, app.exception)
print(*[name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == []


def test_a_run_that_vanishes_meanwhile_is_told_in_words(app, own_home):
    run = Store().new_run("fine_tune", "Gone soon")
    app.open("pages/home/start.py").press("Open")
    (run.path / "job.json").unlink()
    app.open("pages/cohort/data.py")
    assert "cannot be read" in app.text
    assert app.errors == []


@pytest.mark.skipif(sys.platform == "win32", reason="a file in the place of a folder is refused otherwise there")
def test_a_home_that_cannot_be_made_is_told_in_words(new_session, own_home, monkeypatch):
    (own_home / "taken").write_text("")
    monkeypatch.setenv("MEDTUNE_HOME", str(own_home / "taken" / "inside"))
    (error,) = new_session().errors
    assert "set MEDTUNE_HOME to a folder that can be written" in error
