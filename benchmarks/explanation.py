"""How soon explanations are there, and how lean: every family, and the first page against explainerdashboard.

``python -m benchmarks.explanation [--quick]``
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.against import python_with
from benchmarks.table import Row, publish

ROOT = Path(__file__).resolve().parents[1]
WIDTH = 30
FAMILIES = ("logistic", "gradient_boosting", "random_forest")
LONGEST = 3600  # seconds until a peer that has not finished is ended; it takes 400 where a core is free
# What both sides begin with: a table, outcomes, and a fitted model of scikit-learn, as skops keeps it.
READ = """
import json, sys, time
began = time.perf_counter()
def held():
    # Not getrusage: its peak is that of the process that started this one, where that one was larger.
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
import numpy as np, pandas as pd, skops.io
data = np.load(sys.argv[1] + "/patients.npz")
X = pd.DataFrame(data["X"], columns=[f"column_{at:02d}" for at in range(data["X"].shape[1])])
y = data["y"]
file = sys.argv[1] + "/model.skops"
model = skops.io.load(file, trusted=skops.io.get_untrusted_types(file=file))
start, used = time.perf_counter(), time.process_time()
bare = held()
print(json.dumps([start - began, bare, used]), flush=True)  # told now, for a side that will be ended
"""
SAY = """
peak = held()
print("\\n" + json.dumps([time.perf_counter() - start, time.perf_counter() - began, peak, peak - bare,
                         time.process_time() - used]))
"""
OURS = """
import medtune
from medtune.explanation.contributions import explain
from medtune.figures.explanation import importance, beeswarm, dependence, waterfall
from medtune.figures.theme import LIGHT
told = explain(model, X)
figures = [importance(told, LIGHT), beeswarm(told, LIGHT),
           dependence(told, told.columns[0], LIGHT), waterfall(told, 0, LIGHT)]
text = [figure.to_json() for figure in figures]
"""
THEIRS = """
from explainerdashboard import ClassifierExplainer, ExplainerDashboard
explainer = ClassifierExplainer(model, X, y)
board = ExplainerDashboard(explainer, importances=True, model_summary=False, contributions=True, whatif=False,
                           shap_dependence=True, shap_interaction=False, decision_trees=False)
client = board.app.server.test_client()
assert client.get("/").status_code == 200
page = client.get("/_dash-layout").get_data()
figures = [explainer.plot_importances(), explainer.plot_importances_detailed(),
           explainer.plot_dependence(X.columns[0]), explainer.plot_contributions(0)]
text = [figure.to_json() for figure in figures]
"""


def patients(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Thirty columns of which three matter, two of them together."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, WIDTH)).round(3)
    y = (rng.random(n) < 1 / (1 + np.exp(-(X[:, 0] * X[:, 1] + X[:, 2] - 1)))).astype(int)
    return X, y


def by_family(repeats: int) -> list[Row]:
    """Seconds for a thousand patients in each family, as medtune trains it on 4,000."""
    import pandas as pd

    from medtune.cohort.columns import describe
    from medtune.explanation.contributions import explain
    from medtune.explanation.interplay import interplay
    from medtune.foundation.settings import Family
    from medtune.models.families import make_family

    X, y = patients(4000)
    frame = pd.DataFrame(X, columns=[f"column_{at:02d}" for at in range(WIDTH)])
    rows = []
    for name in FAMILIES:
        model = make_family(describe(frame), family=Family(name=name)).fit(frame, y)
        some, taken = frame.iloc[:1000], []
        for _ in range(repeats + 1):
            start = time.perf_counter()
            told = explain(model, some)
            taken.append(time.perf_counter() - start)
        rows.append(Row(name, "contributions, 1,000 x 30", statistics.median(taken[1:]), "s"))
        rows.append(Row(name, "patients explained", len(told.rows), "patients"))
        start = time.perf_counter()
        found = interplay(model, some, told)
        if found.pairs:
            rows.append(Row(name, "interactions of 15 columns", time.perf_counter() - start, "s"))
            rows.append(Row(name, "patients looked at", len(found.places), "patients"))
    return rows


def first_page(n: int, repeats: int) -> list[Row]:
    """The same boosted model and the same rows: until the figures of the first page are there, and the peak of memory.

    Parameters
    ----------
    n : int
        Patients.
    repeats : int
        Of each side, in turn.

    Returns
    -------
    list of Row
        Only our side where the peer cannot be installed; of a peer that does not finish, how long it was given and
        what it had held by then, which are least values.
    """
    import skops.io
    from sklearn.ensemble import HistGradientBoostingClassifier

    python = python_with("explainerdashboard", "skops")
    X, y = patients(n)
    model = HistGradientBoostingClassifier(max_iter=100, learning_rate=0.1, random_state=0)
    import pandas as pd

    model.fit(pd.DataFrame(X, columns=[f"column_{at:02d}" for at in range(WIDTH)]), y)
    sides = {"medtune": (sys.executable, OURS), "explainerdashboard": (python, THEIRS)}
    found: dict[str, list] = {name: [] for name in sides}
    with tempfile.TemporaryDirectory() as folder:
        np.savez(f"{folder}/patients.npz", X=X, y=y)
        skops.io.dump(model, f"{folder}/model.skops")
        for _ in range(repeats):
            for name, (executable, work) in sides.items():
                measured = _measured(executable, work, folder) if executable else None
                if measured is not None:
                    found[name].append(measured)
    return _told(
        f"{n:,} x {WIDTH}", {name: np.median(np.array(values), axis=0) for name, values in found.items() if values}
    )


def _told(case: str, medians: dict[str, np.ndarray]) -> list[Row]:
    """What was measured of each side, and how they compare; a side that did not finish has at least so much."""
    rows = []
    for name, (work, whole, peak, above, used) in medians.items():
        least = "" if np.isfinite(whole) else ", at least (ended)"
        rows.append(Row(case, f"{name}, figures of the first page{least}", float(work), "s"))
        rows.append(Row(case, f"{name}, processor time for them{least}", float(used), "s"))
        rows.append(Row(case, f"{name}, peak memory{least}", float(peak), "MiB"))
        rows.append(Row(case, f"{name}, peak above table, model and their libraries{least}", float(above), "MiB"))
        if not least:
            rows.append(Row(case, f"{name}, with starting Python", float(whole), "s"))
    if len(medians) == 2:
        ours, theirs = medians["medtune"], medians["explainerdashboard"]
        fast, share = ("", "") if np.isfinite(theirs[1]) else (", at least", ", at most")
        rows.append(Row(case, f"times as fast{fast}", float(theirs[0] / ours[0]), ""))
        rows.append(Row(case, f"times as fast in processor time{fast}", float(theirs[4] / ours[4]), ""))
        rows.append(Row(case, f"share of the memory{share}", float(ours[2] / theirs[2]), ""))
        rows.append(Row(case, f"share of the memory above the libraries{share}", float(ours[3] / theirs[3]), ""))
    return rows


def _measured(executable: object, work: str, folder: str) -> list[float] | None:
    """Seconds of the work, seconds in all, peak of memory, how much of it the work added, and its processor seconds.

    None where it failed. Of a process that is ended for its slowness all but the second are what it had taken by then.
    """
    command, end = [str(executable), "-c", READ + work + SAY, folder], time.monotonic() + LONGEST
    peak = used = float("nan")
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as trouble:
        with subprocess.Popen(command, stdout=out, stderr=trouble, text=True, cwd=ROOT) as process:
            while process.poll() is None and time.monotonic() < end:
                time.sleep(0.5)
                peak, used = _taken(process.pid, (peak, used))
            late = process.poll() is None
            if late:
                process.kill()
        for text in (out, trouble):
            text.seek(0)
        told = out.read().splitlines()
        if late:
            print(f"It was ended after {LONGEST} s.", file=sys.stderr)
            ready, bare, before = json.loads(told[0]) if told else [float("nan")] * 3
            return [LONGEST - ready, float("nan"), peak, peak - bare, used - before]
        if process.returncode:
            print(trouble.read()[-2000:], file=sys.stderr)
            return None
        return json.loads(told[-1])


def _taken(pid: int, known: tuple[float, float]) -> tuple[float, float]:
    """The most memory that a living process has held, in MiB, and its processor seconds; else what was known."""
    place = Path(f"/proc/{pid}")
    try:
        status, times = (place / "status").read_text(), (place / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return known
    peak = next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), known[0])
    return peak, (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")


def main(quick: bool) -> None:
    """Measure and publish."""
    rows = by_family(1 if quick else 5)
    rows += first_page(1000 if quick else 100_000, 1)
    if not quick:
        rows += first_page(5000, 3)
    publish("explanation", rows)


if __name__ == "__main__":
    main("--quick" in sys.argv)
