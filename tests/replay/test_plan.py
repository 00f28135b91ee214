"""A plan shows what a replay would do, and names every obstacle together with its fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.reading.history.values import Contact, Environment, Execution, History
from ithtel.reading.lines.object_store import Contents
from ithtel.replay.plan import MAX_LINES, MAX_SHOWN, MAX_WIDTH, Plan, is_hidden, is_run, plan_of

if TYPE_CHECKING:
    from pathlib import Path


def plan(folder: Path, *executions: Execution, **packages: str) -> Plan:
    """Plan the replay of a session."""
    history = History(name="demo", executions=[*executions], environment=Environment(packages=packages))
    return plan_of(history, folder, None, Contents([]), {})


def test_a_session_that_can_be_replayed_has_no_obstacles(tmp_path: Path) -> None:
    """Its text names the session, the copy, the packages, the inputs and the cells."""
    found = plan(tmp_path, Execution(place=1, count=1, source="x = 1"))
    assert [] == found.obstacles
    lines = [line for line in str(found).splitlines() if not line.startswith("note: ")]
    assert [
        "replay of demo: 1 cell", "in: a copy of the folder as it is now", "packages: none recorded",
        "inputs: none recorded", "  [1] x = 1",
    ] == lines  # fmt: skip


def test_every_obstacle_is_named(tmp_path: Path) -> None:
    """The folder, the text of a cell, a secret, a package, an input: all at once."""
    cells = [
        Execution(place=1, count=1, source=None), Execution(place=2, count=2, source="p = '[redacted:password:0a1b]'"),
        Execution(place=3, count=3, source="import no_such_package", files={"nav.csv": "ab" * 32}),
    ]  # fmt: skip
    found = plan(tmp_path / "gone", *cells, no_such_package="1.0")
    assert [
        "the session's folder 'gone' does not exist: pass another with --folder",
        "cell [1] was not recorded (private mode, or `# ithtel: off`): record it, or remove it",
        "cell [2] contained a secret, which was not recorded: read the secret from the environment",
        "package no_such_package is not installed: pip install no_such_package==1.0",
        "the input nav.csv of cell [3] is missing: pass its folder with --data DIR",
    ] == found.obstacles
    assert "cannot replay:" in found.text(with_cells=False)


def test_a_script_has_no_cells_to_replay(tmp_path: Path) -> None:
    """It is run by itself instead."""
    expected = "the session has no cells: it was recorded by a script; run that script instead"
    assert [expected] == plan(tmp_path).obstacles


def test_unfinished_and_hidden_cells_do_not_run(tmp_path: Path) -> None:
    """The rest of the cells does."""
    cells = [
        Execution(place=1, source="x = 1"), Execution(place=2, source="y", status="unfinished"), Execution(place=3),
    ]  # fmt: skip
    assert [True, False, False] == [is_run(cell) for cell in cells]
    assert [False, False, True] == [is_hidden(cell) for cell in cells]
    assert [1] == [cell.place for cell in plan(tmp_path, *cells).cells]


def test_every_line_that_will_run_can_be_read(tmp_path: Path) -> None:
    """Second lines, long lines and late cells are shown; of very many, the rest is counted, and `--show` shows it."""
    cells = [Execution(place=n, source=f"x = {n}\ny = {'1 + ' * 100}{n}") for n in range(1, MAX_LINES // 2 + 7)]
    found = plan(tmp_path, *cells)
    assert "… 12 more lines, --show" == found.text().splitlines()[-1]
    assert f"1 + {len(cells)}" in found.text(is_whole=True).splitlines()[-1]
    long = plan(tmp_path, Execution(place=1, source="x" * (MAX_WIDTH + 5)))
    assert long.text().endswith("more characters, --show")


def test_what_a_terminal_would_obey_is_visible(tmp_path: Path) -> None:
    """Escape sequences, carriage returns and characters that reverse the order."""
    shown = plan(tmp_path, Execution(place=1, source="a\x1b[2K # \r\u202eb\u2066\x9bc")).text()
    assert r"a\x1b[2K # \r\u202eb\u2066\u009bc" in shown


def test_a_plan_names_what_the_cells_will_ask_outside(tmp_path: Path) -> None:
    """Before anything runs: hosts, programs, questions; a few of each cell, and of a private session the kind."""
    hosts = [Contact(kind="host", target=f"h{n}.org:443") for n in (1, 2, 2, 3, 4, 5)]
    cells = [
        Execution(place=1, source="x = get()", contacts=[*hosts, Contact(kind="program", target="git log")]),
        Execution(place=2, source="y = input()", contacts=[Contact(kind="input", target="how many?")]),
        Execution(place=3, source="z = f()", contacts=[Contact(kind="database", target="")]),
    ]
    assert [
        "contact: cell [1] will contact h1.org:443, h2.org:443, h3.org:443 and 2 more",
        "contact: cell [1] will run git log",
        "contact: cell [2] will ask 'how many?'",
        "contact: cell [3] will query something outside",
    ] == [line for line in plan(tmp_path, *cells).text().splitlines() if line.startswith("contact: ")]


def test_many_contacts_are_counted(tmp_path: Path) -> None:
    """A line for each of some cells, then their number."""
    cells = [
        Execution(place=n, source="x", contacts=[Contact(kind="program", target="ls")]) for n in range(MAX_SHOWN + 3)
    ]
    lines = [line for line in plan(tmp_path, *cells).text().splitlines() if line.startswith("contact: ")]
    assert (MAX_SHOWN + 1, "contact: 3 more") == (len(lines), lines[-1])
