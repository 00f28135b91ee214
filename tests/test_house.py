"""The rules of the house: names, rooms, tests at the same path, plain English. CONTRIBUTING.md explains them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import typer

import ithtel
from ithtel.cli import app

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src/ithtel"
TESTS = ROOT / "tests"
ROOMS = sorted({path.parent for path in SOURCE.rglob("*.py")})
MODULES = sorted(path for path in SOURCE.rglob("*.py") if path.name not in ("__init__.py", "__main__.py"))
MOST_MODULES = 14
EXCEPTED = "more than 14 modules because"

VERB_FILES = {
    "audit": "ledger",
    "epochs": "listing",
    "events": "listing",
    "lnav-format": "lnav",
    "profiles": "profile",
    "schemas": "generated",
    "validate": "verify",
}
"""Verbs whose command is in the file of a sibling: two verbs about the same thing."""


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


@pytest.mark.parametrize("room", ROOMS, ids=relative)
def test_a_room_says_what_lives_there(room: Path) -> None:
    """Each package has a docstring."""
    assert "" != docstring(room / "__init__.py")


@pytest.mark.parametrize("room", ROOMS, ids=relative)
def test_a_room_holds_few_modules(room: Path) -> None:
    """At most 14, unless its docstring gives the reason."""
    modules = [path for path in room.glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= MOST_MODULES or EXCEPTED in " ".join(docstring(room / "__init__.py").split())


def test_a_verb_stands_in_a_file_of_its_name() -> None:
    """`ithtel diff` is `commands/…/diff.py`, so that whoever knows the verb finds the code."""
    files = {path.stem for path in (SOURCE / "commands").rglob("*.py")}
    verbs = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    missing = [verb for verb in verbs if VERB_FILES.get(verb, verb.replace("-", "_")) not in files]
    assert [] == missing


FILES = {
    "capture_random_state": "capture", "restore_random_state": "capture", "capture_scipy": "capture",
    "current": "process", "stop": "process", "fingerprint_file": "files", "log_decision": "decision",
    "log_hypothesis_result": "start", "spawn": "seed", "stamp": "whence", "synthetic_nav": "synthetic",
    "waterfall": "attribute",
}  # fmt: skip
"""Public functions in the file of another one, or of what a group of functions is about: two sides of one thing."""
OLDER = "commands.older"
"""The names of the older system stand together: nobody adds to them."""


def test_a_public_function_stands_in_a_file_of_its_name() -> None:
    """`ithtel.diff` is in a `diff.py`, so that whoever knows the name finds the code; so is each class and module."""
    stub = ast.parse((SOURCE / "__init__.pyi").read_text(encoding="utf-8"))
    homes = {
        alias.name: (node.module or alias.name)
        for node in ast.walk(stub)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert set(ithtel.__all__) == set(homes)
    functions = {
        name: module
        for name, module in homes.items()
        if name == name.lower() and not name.startswith("_") and not module.startswith(OLDER)
    }
    files = {name: module.rpartition(".")[2] for name, module in functions.items()}
    assert {name: FILES.get(name, name) for name in files} == files
    assert FILES.keys() <= files.keys()


def listed_elsewhere(room: Path) -> dict[str, str]:
    """Return what the tests of a room list as tested elsewhere: module → test file."""
    path = TESTS / room.relative_to(SOURCE) / "__init__.py"
    if not path.exists():
        return {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "TESTED_BY":
            found: dict[str, str] = ast.literal_eval(node.value)
            return found
    return {}


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_a_module_has_a_test_file_at_the_same_path(module: Path) -> None:
    """Or the tests of its room name the file that tests it."""
    mirrored = TESTS / module.parent.relative_to(SOURCE) / f"test_{module.stem}.py"
    listed = listed_elsewhere(module.parent).get(module.stem)
    assert mirrored.exists() or (listed is not None and (ROOT / listed).exists())


@pytest.mark.parametrize("room", ROOMS, ids=relative)
def test_what_is_listed_as_tested_elsewhere_exists(room: Path) -> None:
    """No entry outlives its module or its test file."""
    for module, test in listed_elsewhere(room).items():
        assert (room / f"{module}.py").exists(), module
        assert (ROOT / test).exists(), test


HTML = re.compile(r"</?(?:table|tr|td|th|div|span|details|summary|pre|html|body|svg|iframe)\b[^\n]*?>")


@pytest.mark.parametrize("module", [path for path in MODULES if "viewer" not in path.parts], ids=relative)
def test_html_is_written_in_the_viewer_only(module: Path) -> None:
    """So that one helper escapes everything."""
    texts = [
        node.value
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert [] == [text for text in texts if HTML.search(text)]


DIALECT = re.compile(
    r"\b[Ss]ay whether\b"
    r"|\bon record\b"
    r"|\bmend(?:s|ed|ing)?\b"
    r"|\bwhat \w+ (?:came|come|comes) to\b"
    r"|\b(?:is|are|was|were) (?:said|told)\b(?! apart)"
    r"|\bnobody said\b"
    r"|(?<!that )\bnobody seeded\b"  # "generators that nobody seeded" is the wording of a verdict
    r"|\b(?:one|once|a line|a list|a row) an? (?:bar|event|line|cell|session|side|stream|column|test|series|name)\b"
    r"|\bwhich way\b"
    r"|\bto be had\b"
    r"|\ba word about\b"
    r"|\b(?:is|are) possible[;:]"
    r"|(?<!here )\b(?:is|are) no (?:log|text|number|session|file|table|array|JSON|integer|package)\b"
)
"""Phrases of the dialect that the project's prose once had; docs/glossary.md has the words to use."""

PROSE = sorted(
    path
    for folder in ("src", "tests", "docs", "benchmarks", ".ci")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".md"} and path != Path(__file__)
)


@pytest.mark.parametrize("path", [*PROSE, *ROOT.glob("*.md"), ROOT / "mise.toml"], ids=relative)
def test_prose_is_plain_english(path: Path) -> None:
    """Each hit is shown with its line and phrase."""
    hits = [
        f"{relative(path)}:{number}: {found[0]}"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for found in DIALECT.finditer(line)
    ]
    assert [] == hits


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=relative)
def test_notebooks_are_in_plain_english(path: Path) -> None:
    """Their text cells, and what their cells show."""
    assert [] == DIALECT.findall(path.read_text(encoding="utf-8"))
