"""The docs name everything that a user can type, and every example in them and in the code runs."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import tempfile
import warnings
from pathlib import Path

import pytest
import typer.main

import ithtel
from ithtel.cli import app
from ithtel.events import EVENTS, event_type
from ithtel.notebook.magics import verb_table as table
from ithtel.notebook.magics.magics import IthtelMagics
from ithtel.recording.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
MODULES = sorted(module.name for module in pkgutil.walk_packages(ithtel.__path__, "ithtel."))


def magics() -> list[str]:
    """Return every magic as it is typed."""
    return [f"{'%' if kind == 'line' else '%%'}{name}" for kind, names in IthtelMagics.magics.items() for name in names]


@pytest.mark.parametrize("magic", magics())
def test_every_magic_is_documented(magic: str) -> None:
    """As it is typed."""
    assert magic in TEXT


@pytest.mark.parametrize("verb", sorted(table.TABLE))
def test_every_verb_of_the_magic_is_documented(verb: str) -> None:
    """After `%ithtel`."""
    assert re.search(rf"%ithtel {verb}\b", TEXT)


@pytest.mark.parametrize("verb", sorted(typer.main.get_command(app).commands))  # type: ignore[attr-defined]
def test_every_verb_of_the_command_line_is_documented(verb: str) -> None:
    """After `ithtel`."""
    assert re.search(rf"ithtel {verb}\b", TEXT)


@pytest.mark.parametrize("setting", Settings.__struct_fields__)
def test_every_setting_is_documented(setting: str) -> None:
    """By its name, in the table of the settings."""
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    assert f"`{setting}`" in page


def test_the_settings_page_is_up_to_date() -> None:
    """Names, defaults and meanings are those of the code."""
    from ithtel.commands.generated import settings_page

    assert settings_page() == (ROOT / "docs/settings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("event", EVENTS, ids=event_type)
def test_every_event_is_documented(event: type) -> None:
    """On the events page, which is generated."""
    assert f"### `{event_type(event)}`" in (ROOT / "docs/events.md").read_text(encoding="utf-8")


def test_every_public_name_says_what_it_promises() -> None:
    """`ithtel.name?` shows a text."""
    for name in ithtel.__all__:
        if name != "__version__":
            assert (getattr(ithtel, name).__doc__ or "").strip(), name


@pytest.mark.parametrize("module", MODULES)
def test_every_example_in_the_code_runs(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The examples of a module's docstrings, in the test's own folder; temporary ones are within it."""
    if module.endswith("__main__"):
        return
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for found in doctest.DocTestFinder().find(importlib.import_module(module)):
            if found.examples:  # each run has a debugger of its own, which looks after every source file ever shown
                runner.run(found)
    assert 0 == runner.summarize().failed


def test_every_link_of_the_docs_leads_somewhere() -> None:
    """Files that a page names exist."""
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_public_names_are_those_that_can_be_imported() -> None:
    """The stub names only what exists."""
    assert all(getattr(ithtel, name) is not None for name in ithtel.__all__)


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name)
def test_every_module_that_a_page_names_exists(page: Path) -> None:
    """A path in backticks is that of a file in the repository or in `src/ithtel`."""
    for path in re.findall(r"`([\w./-]+/[\w.-]+\.pyi?)`", page.read_text(encoding="utf-8")):
        assert any((root / path).is_file() for root in (ROOT, ROOT / "src", ROOT / "src/ithtel")), path


def test_a_walk_passes_each_file_once() -> None:
    """The walks of the architecture page name no file twice."""
    _, _, walks = (ROOT / "docs/architecture.md").read_text(encoding="utf-8").partition("## Five walks")
    for walk in re.split(r"^\*\*", walks, flags=re.MULTILINE)[1:]:
        files = re.findall(r"^\d+\. `([^`]+)`", walk, re.MULTILINE)
        assert files
        assert len(files) == len(set(files)), files


def test_the_index_lists_every_page() -> None:
    """Each page of the docs has a line of its own."""
    index = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert pages <= set(re.findall(r"^- \[[^\]]+\]\(([\w-]+\.md)\)", index, re.MULTILINE))
