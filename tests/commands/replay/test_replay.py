"""Real sessions, their notebooks thrown away, run again from their records."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from typer.testing import CliRunner

from ithtel.cli import app
from ithtel.commands.replay.replay import Replay, replay
from ithtel.errors import InputError, LogError, MissingPackageError
from ithtel.replay.options import RunOptions
from kernels import LOG, record

if TYPE_CHECKING:
    from ithtel.reading.diff.verdict import Root

pytestmark = pytest.mark.kernel

CSV = "bar,nav\n0,100.0\n1,106.0\n2,99.0\n3,112.0\n"
MODULE = "import numpy as np\n\ndef double(x):\n    return 2 * x\n"
HIDDEN = """import random
import numpy as np

_rng = np.random.default_rng()

def noisy(x):
    return x + _rng.normal(size=len(x))

def once():
    return np.random.default_rng().normal()

def plain():
    return random.Random().random()
"""
CELLS = [
    "offset = 5",
    "%load_ext ithtel",
    "import numpy as np",
    "import local_model",
    "nav = np.loadtxt('data/nav.csv', delimiter=',', skiprows=1)[:, 1]",
    "rng = %seed 42",
    "noise = rng.normal(size=4)",
    "scaled = local_model.double(nav)",
    "1 / 0",
    "offset += 1",
    "offset += 1",
    "both = scaled + noise + offset\nprint(both.sum())",
    "alone = 7",
]


def project(folder: Path) -> Path:
    """Make a folder with data and a module."""
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "nav.csv").write_text(CSV, encoding="utf-8")
    (folder / "local_model.py").write_text(MODULE, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the record of a session in it."""
    folder = project(tmp_path_factory.mktemp("recorded") / "project")
    record(CELLS, folder)
    return folder


@pytest.fixture
def folder(recorded: Path, tmp_path: Path) -> Path:
    """Return a copy of the recorded folder that a test may change, which is where the session is replayed from."""
    copy = tmp_path / "project"
    shutil.copytree(recorded, copy)
    return copy


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Install a library that keeps an unseeded generator; return the variable by which kernels find it."""
    site = tmp_path / "site-packages"
    site.mkdir()
    (site / "noisy_library.py").write_text(HIDDEN, encoding="utf-8")
    monkeypatch.syspath_prepend(site)
    return {"PYTHONPATH": os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])}


def again(folder: Path, environ: dict[str, str] | None = None, *, fresh: bool = False, **options: Any) -> Replay:
    """Replay what is recorded in a folder, with more environment variables."""
    run_options = RunOptions(environ={**os.environ, **(environ or {})}, fresh=fresh)
    return replay(folder / LOG, folder=folder, **{"options": run_options, **options})


def only(found: Replay) -> Root:
    """Return the one root of what departs."""
    assert found.difference is not None, found.text()
    assert 1 == len(found.difference.verdict.roots), found.text()
    return found.difference.verdict.roots[0]


def said(root: Root) -> tuple[str, str, list[str]]:
    """Return cell, class and names."""
    return root.label, root.cause, root.names


def kernels(parent: int | None = None) -> set[str]:
    """Return the processes of kernels that run under us, or under another process."""
    done = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True)
    return {
        line
        for line in done.stdout.splitlines()
        if "ipykernel_launcher" in line and f" {parent or os.getpid()} " in line
    }


def test_a_session_verifies_identical(folder: Path) -> None:
    """With a failed cell, a re-run, a cell from before recording, randomness, a module; no process is left."""
    found = again(folder)
    assert "identical" == found.outcome, found.text()
    assert "identical: 13 cells" == found.text()
    assert not kernels()
    assert not list(folder.glob("logs/ndjson/*.2*"))


def test_it_runs_in_a_copy(folder: Path) -> None:
    """Nothing of the folder is touched."""
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if "__pycache__" not in path.parts}
    again(folder)
    assert before == {path: path.stat().st_mtime_ns for path in folder.rglob("*") if "__pycache__" not in path.parts}


def test_a_value_of_the_data_is_found(folder: Path) -> None:
    """At the cell that read it, with what follows and what does not."""
    (folder / "data" / "nav.csv").write_text(CSV.replace("99.0", "99.5"), encoding="utf-8")
    root = only(again(folder))
    assert ("[5]", "input_changed", ["data/nav.csv"]) == said(root)
    assert ["[8]", "[12]"] == root.follows


def test_two_planted_changes_are_both_found(folder: Path) -> None:
    """A line of the module, and a value of the data."""
    (folder / "data" / "nav.csv").write_text(CSV.replace("99.0", "99.5"), encoding="utf-8")
    (folder / "local_model.py").write_text(MODULE.replace("2 * x", "3 * x"), encoding="utf-8")
    found = again(folder)
    assert found.difference is not None
    roots = found.difference.verdict.roots
    assert [("[4]", "module_changed", ["local_model"]), ("[5]", "input_changed", ["data/nav.csv"])] == [
        *map(said, roots)
    ]


@pytest.mark.parametrize(
    ("place", "changed", "expected"),
    [
        (5, "rng = %seed 43", ("[6]", "seed_changed")),
        (7, "scaled = local_model.double(nav) + 1", ("[8]", "code_changed")),
        (6, "rng = np.random.default_rng()\nnoise = rng.normal(size=4)", ("[7]", "code_changed")),
    ],
)
def test_a_changed_cell_is_found(
    recorded: Path, tmp_path: Path, place: int, changed: str, expected: tuple[str, str]
) -> None:
    """Two sessions of a notebook, the second with one cell changed."""
    other = project(tmp_path / "other")
    record([*CELLS[:place], changed, *CELLS[place + 1 :]], other)
    from ithtel import diff

    root = diff(recorded / LOG, other / LOG).verdict.first
    assert root is not None
    assert expected == (root.label, root.cause)


def test_a_swapped_pair_is_found(recorded: Path, tmp_path: Path) -> None:
    """Drawing before the seed is another order."""
    other = project(tmp_path / "other")
    cells = [*CELLS]
    cells[6], cells[7] = cells[7], cells[6]
    record(cells, other)
    from ithtel import diff

    roots = diff(recorded / LOG, other / LOG).verdict.roots
    assert {"order_changed"} == {root.cause for root in roots}


@pytest.mark.parametrize(
    ("cells", "hidden", "expected"),
    [
        (["import numpy as np", "rng = np.random.default_rng()", "x = rng.normal(size=20)"], None,
         ("[3]", "unseeded_rng", ["numpy:rng"])),
        (["import random", "x = random.random()"], None, ("[3]", "unseeded_rng", ["python"])),
        (["import numpy", "order = list({'nav', 'epoch', 'crest', 'nadir', 'hurdle', 'side'})"], None,
         ("[3]", "clock_or_hash_order", ["order"])),
        (["import numpy, time", "n = int(time.time() * 1e6) % 99_991"], None, ("[3]", "clock_or_hash_order", ["n"])),
        (["y = factor * 2"], "factor = 21", ("[2]", "hidden_state", ["factor"])),
        (["import noisy_library", "import numpy as np\nx = noisy_library.noisy(np.zeros(20))"], None,
         ("[3]", "unseeded_rng", ["noisy_library._rng"])),
        (["import numpy as np", "import noisy_library\nx = noisy_library.noisy(np.zeros(20))"], None,
         ("[3]", "unseeded_rng", ["noisy_library._rng"])),
    ],
    ids=["default_rng", "random", "hash-order", "clock", "hidden", "library", "library-at-once"],
)  # fmt: skip
def test_what_no_two_runs_share_is_found(
    tmp_path: Path,
    library: dict[str, str],
    cells: list[str],
    hidden: str | None,
    expected: tuple[str, str, list[str]],
) -> None:
    """At the right cell, name and class, without a change by anybody."""
    folder = project(tmp_path / "project")
    record(["%load_ext ithtel", *cells], folder, hidden=hidden, **library)
    found = again(folder, environ=library, fresh=True)
    assert found.difference is not None, found.text()
    first = found.difference.verdict.first
    assert first is not None, found.text()
    assert expected == said(first), found.text()


def test_a_generator_that_a_module_of_the_users_keeps_is_found(tmp_path: Path) -> None:
    """At the cell that first draws from it, not where it merely appears."""
    folder = project(tmp_path / "project")
    (folder / "own_module.py").write_text(HIDDEN, encoding="utf-8")
    record(["%load_ext ithtel", "import numpy", "import own_module", "x = own_module.noisy(numpy.zeros(3))"], folder)
    assert ("[4]", "unseeded_rng", ["numpy:own_module._rng"]) == said(only(again(folder, fresh=True)))


def test_a_generator_that_is_made_used_and_dropped_is_found(tmp_path: Path, library: dict[str, str]) -> None:
    """Of NumPy and of Python, within a library, a function of the notebook, or the cell itself: named after it."""
    folder = project(tmp_path / "project")
    cells = {
        "a = noisy_library.once()": "noisy_library.once",
        "b = noisy_library.plain()": "noisy_library.plain",
        "def own(): return np.random.RandomState().normal()\nc = own()": "own",
        "d = np.random.default_rng().normal()": "the cell",
    }
    record(["%load_ext ithtel", "import noisy_library\nimport numpy as np", *cells], folder, **library)
    found = again(folder, environ=library, fresh=True)
    assert found.difference is not None
    expected = [(f"[{n}]", "unseeded_rng", [owner]) for n, owner in enumerate(cells.values(), start=3)]
    assert expected == [*map(said, found.difference.verdict.roots)], found.text()


def test_another_version_of_a_package_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the cell whose result it changed; the package is made here."""
    folder, site = project(tmp_path / "project"), tmp_path / "site-packages"
    install(site, "1.0", "2 * x")
    path = os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])
    monkeypatch.syspath_prepend(site)
    cells = ["%load_ext ithtel", "import numpy\nimport ithtel_small_package as small", "y = small.f(2)"]
    record(cells, folder, PYTHONPATH=path)
    install(site, "1.1", "3 * x")
    found = again(folder, environ={"PYTHONPATH": path})
    assert ("[3]", "package_changed", ["ithtel_small_package"]) == said(only(found))


@pytest.mark.parametrize(
    ("cell", "one", "other", "expected"),
    [
        ("y = os.environ['OMP_NUM_THREADS']", {"OMP_NUM_THREADS": "1"}, {"OMP_NUM_THREADS": "2"}, "threads_changed"),
        ("y = os.environ['TZ']", {"TZ": "UTC"}, {"TZ": "Asia/Tokyo"}, "environment_changed"),
        ("y = np.nextafter(np.full(40, 0.3), float(os.environ['BIT']))", {"BIT": "0.3"}, {"BIT": "1"}, "numerics"),
        ("y = os.environ['ANY']", {"ANY": "1"}, {"ANY": "2"}, "unknown"),
    ],
)
def test_what_lies_around_two_sessions_is_found(
    tmp_path: Path, cell: str, one: dict[str, str], other: dict[str, str], expected: str
) -> None:
    """Of the same cells in the same folder."""
    folder = project(tmp_path / "project")
    for environment in (one, other):
        record(["%load_ext ithtel", "import os\nimport numpy as np", cell], folder, **environment)
    from ithtel import diff

    root = diff(folder / LOG).verdict.first
    assert root is not None
    assert ("[3]", expected) == (root.label, root.cause)


def install(site: Path, version: str, body: str) -> None:
    """Make a package of one function."""
    package, info = site / "ithtel_small_package", site / "ithtel_small_package-1.dist-info"
    shutil.rmtree(package, ignore_errors=True)
    for each in (package, info):
        each.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").write_text(
        f'__version__ = "{version}"\n\ndef f(x):\n    return {body}\n', encoding="utf-8"
    )
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: ithtel-small-package\nVersion: {version}\n")
    (info / "top_level.txt").write_text("ithtel_small_package\n")


def test_a_record_cut_by_a_kill_replays_as_far_as_it_goes(tmp_path: Path) -> None:
    """The cell that never ended is not run."""
    folder = project(tmp_path / "project")
    record(["%load_ext ithtel", "x = 1", "import time; time.sleep(600)"], folder, kill_in=2)
    found = again(folder)
    assert "identical: 2 cells" == found.text().splitlines()[0]
    assert "1 unfinished, not run" in found.plan.text()


def test_an_interrupted_cell_is_interrupted_again(folder: Path) -> None:
    """After as long as it took."""
    (folder / LOG).unlink()
    cells = ["%load_ext ithtel", "import time\nn = 0\nraise KeyboardInterrupt", "y = n"]
    record(cells, folder)
    assert "identical" == again(folder).outcome


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("# ithtel: off\nx = 1", "cell [2] was not recorded"),
        ("password = 'correct-horse-battery'", "cell [2] contained a secret"),
    ],
)
def test_what_was_not_recorded_cannot_be_replayed(tmp_path: Path, cell: str, reason: str) -> None:
    """Each such cell is named, with the reason; nothing runs."""
    folder = project(tmp_path / "project")
    record(["%load_ext ithtel", cell], folder)
    found = again(folder)
    assert "cannot" == found.outcome
    assert reason in found.text()


@pytest.mark.parametrize(
    ("cell", "now", "reason"),
    [
        ("wait()", "def wait(): input('name? ')", "asks for input"),
        ("wait()", "import time\ndef wait(): time.sleep(60)", "did not finish within 1 s"),
        ("wait()", "import os\ndef wait(): os._exit(1)", "killed the kernel"),
    ],
)
def test_a_cell_that_cannot_end_is_named(tmp_path: Path, cell: str, now: str, reason: str) -> None:
    """It did when it was recorded; no process is left behind."""
    folder = project(tmp_path / "project")
    (folder / "waiting.py").write_text("def wait(): pass\n", encoding="utf-8")
    record(["%load_ext ithtel", "from waiting import wait", cell], folder)
    (folder / "waiting.py").write_text(now + "\n", encoding="utf-8")
    began = time.monotonic()
    found = again(folder, options=RunOptions(timeout_s=1.0))
    assert "cannot" == found.outcome
    assert found.failure is not None
    assert f"cell [3] {reason}" in found.failure
    assert not kernels()
    assert 30 > time.monotonic() - began


def test_nothing_is_left_of_what_a_cell_started(folder: Path) -> None:
    """Its processes end with the kernel."""
    (folder / LOG).unlink()
    start = "child = subprocess.Popen(['sleep', '600.125'])\n_ = Path('child.pid').write_text(str(child.pid))"
    record(["%load_ext ithtel", f"import subprocess\nfrom pathlib import Path\n{start}"], folder)
    with contextlib.suppress(ProcessLookupError):
        os.kill(int((folder / "child.pid").read_text(encoding="utf-8")), signal.SIGKILL)
    assert "identical" == again(folder).outcome
    done = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert "sleep 600.125" not in done.stdout.splitlines()


def test_the_command_line(folder: Path) -> None:
    """The plan, the notebook, the exit code."""
    arguments = ["replay", str(folder / LOG), "--folder", str(folder)]
    result = CliRunner().invoke(app, [*arguments, "--to", "replayed.ipynb", "--no-run"])
    assert 0 == result.exit_code, result.output
    assert "replay of notebook: 13 cells (1 from before recording, 1 failed)" in result.output
    assert "offset += 1" in [cell.source for cell in nbformat.read("replayed.ipynb", as_version=4).cells]
    result = CliRunner().invoke(app, arguments, input="n\n")
    assert "Run this?" in result.output
    (folder / "data" / "nav.csv").write_text(CSV.replace("99.0", "99.5"), encoding="utf-8")
    result = CliRunner().invoke(app, [*arguments, "--yes", "--to", "replayed.ipynb", "-o", "verdict.json"])
    assert 1 == result.exit_code, result.output
    assert "input_changed" == json.loads(Path("verdict.json").read_text(encoding="utf-8"))["verdict"]["first"]["cause"]
    assert any(cell.get("outputs") for cell in nbformat.read("replayed.ipynb", as_version=4).cells)
    shutil.rmtree(folder / "data")
    result = CliRunner().invoke(app, [*arguments, "--yes"])
    assert 2 == result.exit_code
    assert "data/nav.csv of cell [5] is missing: pass its folder with --data DIR" in result.output


def test_an_input_is_found_by_its_content(folder: Path) -> None:
    """Under another name in another folder."""
    (folder / "data" / "nav.csv").rename(folder.parent / "renamed.csv")
    found = again(folder, data=folder.parent)
    assert "data/nav.csv found in --data" in found.plan.text()
    assert "identical" == found.outcome


def test_random_states_are_restored_on_request(tmp_path: Path) -> None:
    """What was drawn without a seed is drawn again."""
    folder = project(tmp_path / "project")
    record(
        ["%load_ext ithtel", "import random, numpy.random as npr", "x = random.random()", "y = npr.normal(size=3)"],
        folder,
    )
    assert "departs" == again(folder, fresh=True).outcome
    assert "identical" == again(folder, rng=True).outcome


def test_streams_that_cells_make_are_restored_on_request(tmp_path: Path) -> None:
    """Those of NumPy made without a seed: each of several gets its recorded entropy again."""
    folder = project(tmp_path / "project")
    cells = [
        "rng = np.random.default_rng()\nx = rng.normal(size=3)",
        "b, a = (np.random.Generator(np.random.PCG64()) for _ in range(2))\ny = [a.normal(), b.normal()]",
        "many = [np.random.default_rng() for _ in range(12)]\nz = [one.normal() for one in many]",
        "old = np.random.RandomState()\nv = old.normal(size=3)",
        "parts = [np.random.default_rng(one) for one in np.random.SeedSequence().spawn(3)]\nw = parts[2].normal()",
    ]
    record(["%load_ext ithtel", "import numpy as np", *cells], folder)
    without = again(folder, fresh=True)
    assert without.difference is not None
    expected = [(f"[{n}]", "unseeded_rng") for n in range(3, 8)]
    assert expected == [(root.label, root.cause) for root in without.difference.verdict.roots], without.text()
    found = again(folder, rng=True)
    assert "identical" == found.outcome, found.text()


def test_streams_that_come_with_an_import_are_restored_on_request(tmp_path: Path) -> None:
    """NumPy's global one, and those that modules make while they are imported, each its own."""
    folder = project(tmp_path / "project")
    for name in ("keeper", "other"):
        text = "import numpy as np\n\nrng = np.random.default_rng()\n"
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    made = "import numpy as np, other, keeper as k\nrng = np.random.default_rng()\n"
    made += "x = [np.random.normal(), rng.normal(), k.rng.normal(), other.rng.normal()]"
    record(["%load_ext ithtel", made], folder)
    assert "unseeded_rng" == only(again(folder, fresh=True)).cause
    found = again(folder, rng=True)
    assert "identical" == found.outcome, found.text()


def test_nothing_is_restored_in_a_fresh_replay(folder: Path) -> None:
    """So it cannot be asked for both."""
    with pytest.raises(InputError, match=r"--rng .* --fresh"):
        again(folder, fresh=True, rng=True)


def test_a_changed_record_is_refused(folder: Path) -> None:
    """Unless it is asked for."""
    log = folder / LOG
    log.write_bytes(log.read_bytes().replace(b"alone = 7", b"alone = 8"))
    with pytest.raises(LogError, match="--unverified"):
        again(folder)
    assert again(folder, unverified=True, run=False).plan.obstacles == []


def test_a_replay_is_not_replayed(folder: Path) -> None:
    """No recursion."""
    with pytest.raises(InputError, match=r"^cannot replay inside a replay$"):
        again(folder, environ={"ITHTEL_REPLAY": "1"})


def test_the_recorded_commit_is_what_runs(tmp_path: Path) -> None:
    """Though the files have changed since."""
    folder = project(tmp_path / "project")
    commit(folder)
    record(CELLS, folder)
    (folder / "local_model.py").write_text(MODULE.replace("2 * x", "3 * x"), encoding="utf-8")
    (folder / "data" / "nav.csv").write_text(CSV.replace("99.0", "99.5"), encoding="utf-8")
    found = again(folder)
    assert "a copy of commit" in found.plan.text()
    assert "identical" == found.outcome, found.text()


def commit(folder: Path) -> None:
    """Make a repository of a folder, with a commit of all that is in it."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c"]
    (folder / ".gitignore").write_text("logs\n__pycache__\n", encoding="utf-8")
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *command], cwd=folder, check=True)


@pytest.mark.parametrize("keep", ["", "code"])
def test_whose_code_ran_is_said(tmp_path: Path, keep: str) -> None:
    """Of a record with uncommitted changes the folder's own, unless they were kept: in the plan and in the verdict."""
    folder = project(tmp_path / "project")
    commit(folder)
    (folder / "local_model.py").write_text(MODULE.replace("2 * x", "5 * x"), encoding="utf-8")
    record([CELLS[1], *[f"%ithtel set keep={keep}"] * bool(keep), *CELLS[2:5], CELLS[7]], folder)
    said_so = "uncommitted changes were not recorded (set keep=code)"
    found = again(folder)
    assert "identical" == found.outcome, found.text()
    assert bool(keep) != (f"a copy of the folder as it is now ({said_so})" in found.plan.text())
    assert bool(keep) != (f"note: the folder's present code was run: {said_so}" in found.text())
    (folder / "local_model.py").write_text(MODULE.replace("2 * x", "3 * x"), encoding="utf-8")
    changed = again(folder)
    assert ("identical" if keep else "departs") == changed.outcome, changed.text()
    assert bool(keep) != ("module_changed" in changed.text())


def test_the_object_store_is_enough(tmp_path: Path) -> None:
    """The data, the module and the folder's files are gone: what was kept is found by its digest."""
    folder = project(tmp_path / "project")
    cells = [CELLS[1], "%ithtel set keep=inputs,code,outputs", *CELLS[2:5], CELLS[7]]
    record(cells, folder)
    for gone in ("data", "__pycache__"):
        shutil.rmtree(folder / gone, ignore_errors=True)
    (folder / "local_model.py").unlink()
    found = again(folder)
    assert "found in the object store" in found.plan.text()
    assert "identical" == found.outcome, found.text()


def test_kept_values_say_which_element(tmp_path: Path) -> None:
    """Of two sessions that kept them."""
    from ithtel import diff

    folder = project(tmp_path / "project")
    cells = [CELLS[1], "%ithtel set keep=outputs", CELLS[2], CELLS[4]]
    record(cells, folder)
    (folder / "data" / "nav.csv").write_text(CSV.replace("99.0", "99.5"), encoding="utf-8")
    record(cells, folder)
    assert "value nav: float64[4] first differs at element 2: 99 → 99.5, 1 of 4 differ" in diff(folder / LOG).text()


def test_absolute_paths_lead_into_the_copy(tmp_path: Path) -> None:
    """What a cell writes by its full path is written there; one outside that has moved is found by content."""
    folder, outside = project(tmp_path / "project"), tmp_path / "shared" / "other.csv"
    outside.parent.mkdir()
    outside.write_text("1.5\n", encoding="utf-8")
    written = folder / "written.txt"
    cells = [
        "%load_ext ithtel", "import numpy as np\nfrom pathlib import Path",
        f"_ = Path({str(written)!r}).write_text('once')\nx = float(np.loadtxt({str(outside)!r}))",
    ]  # fmt: skip
    record(cells, folder)
    written.unlink()
    outside.rename(tmp_path / "shared" / "renamed.csv")
    found = again(folder, data=tmp_path / "shared")
    assert "identical" == found.outcome, found.text()
    assert not written.exists()


def test_a_session_whose_host_loads_ithtel_is_replayed(tmp_path: Path) -> None:
    """No cell says `%load_ext`."""
    folder = project(tmp_path / "project")
    record(
        ["import numpy as np", "x = np.arange(3)"], folder, hidden="get_ipython().run_line_magic('load_ext', 'ithtel')"
    )
    assert "identical" == again(folder).outcome


def test_a_script_is_not_replayed(tmp_path: Path) -> None:
    """It has no cells, and can be run by itself."""
    import ithtel

    with ithtel.start("script", log_dir=tmp_path / "logs") as session:
        session.emit(ithtel.events.Note(text="x"))
    found = replay(tmp_path / "logs")
    assert "cannot" == found.outcome
    assert "recorded by a script" in found.text()


def test_an_interrupt_ends_the_kernel(tmp_path: Path) -> None:
    """Ctrl-C: no process is left, no traceback of ours."""
    folder = project(tmp_path / "project")
    (folder / "waiting.py").write_text("def wait(): pass\n", encoding="utf-8")
    record(["%load_ext ithtel", "from waiting import wait", "wait()"], folder)
    (folder / "waiting.py").write_text("import time\ndef wait(): time.sleep(600)\n", encoding="utf-8")
    command = [sys.executable, "-m", "ithtel", "replay", str(folder / LOG), "--yes", "--folder", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    deadline = time.monotonic() + 60
    while not kernels(process.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "Traceback" not in output, output
    assert not kernels(process.pid)


@pytest.mark.parametrize("package", ["nbformat", "nbclient", "ipykernel"])
def test_a_missing_package_of_ours_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    """With the extra that brings it."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingPackageError, match=f"{package} is not installed: pip install 'ithtel\\[replay\\]'"):
        again(folder)
