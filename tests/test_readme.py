"""What README promises works as it is written there."""

import re
from pathlib import Path

import pytest

from medtune.cohort.demo import as_csv, two_hospitals
from medtune.models.files import save_model
from medtune.runs.training import train_source

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_in_python_runs_as_written(tmp_path, monkeypatch):
    example = re.search(r"```python\n(.*?)```", README, re.DOTALL).group(1)
    source, local = two_hospitals()
    monkeypatch.chdir(tmp_path)
    outcome = re.search(r'outcome="(\w+)"', example).group(1)
    frame = local.frame.rename(columns={local.roles.outcome: outcome})
    (tmp_path / "local.csv").write_bytes(as_csv(frame))
    save_model(train_source(source, "Source"), tmp_path / "source.skops")
    *statements, last = example.strip().splitlines()
    names = {}
    exec("\n".join(statements), names)
    verdict, auroc, risks = eval(last, names)
    assert verdict.state == "better"
    assert auroc.low < auroc.value < auroc.high
    assert risks.shape == (local.n, 2)


def test_pictures_and_pages_it_points_to_are_there_and_small():
    targets = re.findall(r"\]\(((?!https?:)[^)#]+)\)", README)
    assert targets
    for target in targets:
        path = ROOT / target
        if not path.exists():
            pytest.fail(f"README points to {target}, which is not there")
        assert path.stat().st_size < 300_000, target
