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


def test_a_public_function_stands_in_a_file_that_the_stub_names() -> None:
    """The file is the function's own, or is called after what a group of functions is about."""
    stub = ast.parse((SOURCE / "__init__.pyi").read_text(encoding="utf-8"))
    homes = {
        alias.name: (node.module or alias.name)
        for node in ast.walk(stub)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert set(ithtel.__all__) == set(homes)
    for name, module in homes.items():
        path = SOURCE / Path(*module.split("."))
        assert path.with_suffix(".py").exists() or (path / "__init__.py").exists(), name


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
