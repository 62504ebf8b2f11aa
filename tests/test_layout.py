"""The house as DESIGN lays it out: floors, page scripts, names, sizes, docstrings, nothing unsafe."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys

import pytest

from tests.sources import CORE, DASHBOARD, EVERYTHING, PRODUCT, ROOT, Source

FLOORS = {
    "foundation": 0,
    "evaluation": 1,
    "cohort": 2,
    "models": 3,
    "images": 3,
    "tuning": 4,
    "explanation": 5,
    "treatment": 5,
    "genes": 5,
    "runs": 6,
    "figures": 7,
    "report": 8,
    "medtune": 8.5,  # the face for Python users: everything but the dashboard
    "ui": 9,
    "pages": 10,
    "app.py": 10,
}
HEAVY = (
    "sklearn",
    "shap",
    "statsmodels",
    "skops",
    "skmisc",
    "lightgbm",
    "optuna",
    "numba",
    "matplotlib",
    "skimage",
    "torch",
    "pydicom",
)
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
VAGUE = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}


def none(wrong: list[str]) -> None:
    """Fail with one line for each thing that is wrong."""
    assert not wrong, "\n" + "\n".join(wrong)


def room_of(imported: str) -> str | None:
    """The room that an import reaches into; None for other packages and for the version number."""
    parts = imported.split(".")
    if parts[0] in ("pages", "app"):
        return {"app": "app.py"}.get(parts[0], parts[0])
    if parts[0] != "medtune" or parts[1:] == ["__version__"]:
        return None
    return parts[1] if len(parts) > 1 and (ROOT / "medtune" / parts[1]).is_dir() else "medtune"


def reaches_up(source: Source) -> list[str]:
    """Imports of a room on the same floor or above."""
    wrong = []
    for line, name in source.imports:
        room = room_of(name)
        if name == "medtune" and attributes_of(source, "medtune") <= {"__version__"}:
            continue
        if room not in (None, source.room) and FLOORS[room] >= FLOORS[source.room]:
            wrong.append(f"{source.name}:{line} imports {name}")
    return wrong


def test_a_room_imports_only_from_floors_below():
    none([source.name for source in PRODUCT if source.room not in FLOORS])
    none([wrong for source in PRODUCT for wrong in reaches_up(source)])


def test_the_floor_check_sees_an_import_upwards(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.sources.ROOT", tmp_path)
    path = tmp_path / "medtune" / "evaluation" / "x.py"
    path.parent.mkdir(parents=True)
    path.write_text("def f():\n    from ..cohort import table\n    import medtune.foundation.words\n")
    assert reaches_up(Source(path)) == ["medtune/evaluation/x.py:2 imports medtune.cohort.table"]


def imports_of(files: list[Source], packages: set[str]) -> list[str]:
    """Where the files import one of the packages."""
    return [f"{s.name}:{line}" for s in files for line, name in s.imports if name.split(".")[0] in packages]


def test_only_the_dashboard_imports_streamlit():
    none(imports_of([source for source in CORE if source.room != "ui"], {"streamlit"}))


def test_a_page_computes_nothing():
    none(imports_of(DASHBOARD, {*HEAVY, "scipy", "joblib"}))


def test_no_script_lies_directly_in_pages():
    stray = sorted(path.name for path in (ROOT / "pages").glob("*.py"))
    assert stray == [], "Streamlit would run it without app.py, and so without its sign-in"


def test_a_page_is_a_direct_script():
    none([source.name for source in DASHBOARD if "__main__" in source.text])
    none([source.name for source in DASHBOARD for function in source.functions if function.name == "render"])


def test_files_can_be_held_in_mind():
    lengths = {source.name: len(source.text.splitlines()) for source in EVERYTHING}
    none([f"{name}: {lines} lines" for name, lines in lengths.items() if lines > LONGEST_FILE])


def test_functions_can_be_held_in_mind():
    lengths = {f"{source.name} {f.name}": length(f) for source in EVERYTHING for f in source.functions}
    none([f"{name}: {lines} lines" for name, lines in lengths.items() if lines > LONGEST_FUNCTION])


def length(function: ast.FunctionDef) -> int:
    """Lines of a function without its docstring."""
    first = function.body[1] if ast.get_docstring(function) and len(function.body) > 1 else function.body[0]
    return function.end_lineno - first.lineno + 1 + (function.body[0].lineno - function.lineno)


def test_no_file_or_folder_has_a_vague_name():
    parts = {source.name: {part.strip("_") for part in re.split(r"[/.]", source.name)} for source in EVERYTHING}
    none([name for name, words in parts.items() if words & VAGUE])


def test_a_module_opens_with_a_sentence_on_what_it_is_for():
    openings = {s.name: (ast.get_docstring(s.tree) or "").split("\n\n")[0] for s in EVERYTHING}
    nothing_inside = {source.name for source in EVERYTHING if source.path.name == "__init__.py" and not source.text}
    none([name for name in set(openings) - nothing_inside if not openings[name].endswith((".", "?", ":"))])


def test_nobodys_pickle_is_loaded():
    none([f"{source.name}: {found}" for source in PRODUCT for found in unsafe(source.tree)])


def unsafe(tree: ast.Module) -> list[str]:
    """Whatever in the code would run what a pickle file says."""
    doors = {f"{module}.{name}" for module in ("pickle", "joblib", "dill", "cloudpickle") for name in ("load", "loads")}
    doors |= {"pickle.Unpickler", "pandas.read_pickle", "pd.read_pickle"}
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Attribute):
            names.append(ast.unparse(node))
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle" and ast.unparse(node.value) != "False":
            return [ast.unparse(node)]
    return [name for name in names if name in doors]


@pytest.mark.parametrize(
    "code", ["import joblib\njoblib.load('m')", "from pickle import loads", "np.load(f, allow_pickle=True)"]
)
def test_the_pickle_check_sees(code):
    assert len(unsafe(ast.parse(code))) == 1


def modules_of_a_page() -> list[str]:
    """Everything of medtune that the server process imports to draw its pages."""
    wanted = {"medtune"}
    for source in CORE:
        if source.room in ("figures", "ui"):
            wanted.add(source.name.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    for source in DASHBOARD:
        wanted |= {name for _, name in source.imports if name.startswith("medtune.")}
    return sorted(wanted)


def test_opening_a_page_imports_nothing_heavy():
    script = f"""
import importlib, json, sys
pulled = {{}}
for name in {modules_of_a_page()!r}:
    before = set(sys.modules)
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:  # a function or class of the module before the last dot
        if name.count(".") < 2:
            raise
        importlib.import_module(name.rpartition(".")[0])
    new = {{module.split(".")[0] for module in set(sys.modules) - before}}
    if new & set({HEAVY!r}):
        pulled[name] = sorted(new & set({HEAVY!r}))
print(json.dumps(pulled))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {}


def test_what_is_public_says_what_it_does():
    silent = []
    for source in CORE:
        for node in source.tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                silent += [] if ast.get_docstring(node) else [f"{source.name} {node.name}"]
                silent += [f"{source.name} {node.name}.{method}" for method in silent_methods(node)]
    none(silent)


def silent_methods(node: ast.ClassDef | ast.FunctionDef) -> list[str]:
    """Public methods without docstring, except what scikit-learn or a parent class defines the meaning of."""
    if isinstance(node, ast.FunctionDef):
        return []
    known = {"fit", "transform", "fit_transform", "predict", "predict_proba", "decision_function", "score"}
    known = known | {"get_feature_names_out"} if node.bases else set()
    return [
        method.name
        for method in node.body
        if isinstance(method, ast.FunctionDef)
        and not method.name.startswith("_")
        and not ast.get_docstring(method)
        and method.name not in known
    ]


def used_by_others() -> set[tuple[str, str]]:
    """Module and name of every function that another room, a page or the Python face imports."""
    used = set()
    for source in PRODUCT:
        for _, name in source.imports:
            module, _, function = name.rpartition(".")
            if room_of(name) not in (None, source.room):
                used.add((module, function))
                used |= {(name, attribute) for attribute in attributes_of(source, function)}
    return used


def attributes_of(source: Source, module: str) -> set[str]:
    """Names taken from an imported module by a dot."""
    dots = (node for node in ast.walk(source.tree) if isinstance(node, ast.Attribute))
    return {node.attr for node in dots if isinstance(node.value, ast.Name) and node.value.id == module}


def lacking_sections(function: ast.FunctionDef) -> list[str]:
    """What a numpydoc docstring should have and this one has not; one argument fits into a sentence."""
    doc = ast.get_docstring(function) or ""
    declared = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    if len(declared) < 2 and "Parameters\n---" not in doc:
        return []
    lacking = []
    if declared:
        part = re.search(r"^Parameters\n-+\n(.*?)(?=^\w+\n-+\n|\Z)", doc, re.M | re.S)
        documented = {
            name.strip("* ")
            for line in (part[1].splitlines() if part else [])
            if line and not line[0].isspace()
            for name in line.split(":")[0].split(",")
        }
        lacking += [argument.arg for argument in declared if argument.arg not in documented]
    gives_nothing = isinstance(function.returns, ast.Constant) and function.returns.value is None
    if not gives_nothing and not re.search(r"^(Returns|Yields)\n-+\n", doc, re.M):
        lacking.append("Returns")
    return lacking


def test_what_other_rooms_call_documents_its_arguments_and_result():
    used, lacking = used_by_others(), []
    for source in CORE:
        if source.room in ("ui", "figures"):  # one drawing or widget each: a sentence is enough
            continue
        module = source.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for node in source.tree.body:
            if isinstance(node, ast.FunctionDef) and (module, node.name) in used and (parts := lacking_sections(node)):
                lacking.append(f"{source.name} {node.name} lacks {', '.join(parts)}")
    none(lacking)


def test_no_file_names_a_path_of_somebodys_machine():
    personal = re.compile(r"(?<![\w.~])/(?:root|work|tmp|Users/\w+|home/\w+)/|[A-Z]:\\\\?Users\\")
    written = {".py", ".md", ".toml", ".txt", ".css", ".json", ".yml", ".yaml", ".svg", ".po", ".sh", ""}
    left_out = {".venv", ".git", "__pycache__", ".pytest_cache", ".ruff_cache", ".hypothesis", "reference",
                "peers"}  # fmt: skip
    wrong = []
    for path in ROOT.rglob("*"):
        name = path.relative_to(ROOT)
        if path.suffix in written and left_out.isdisjoint(name.parts) and path.is_file():
            text = path.read_text(encoding="utf-8", errors="ignore")
            wrong += [f"{name}: {found}" for found in personal.findall(text)]
    none(wrong)
