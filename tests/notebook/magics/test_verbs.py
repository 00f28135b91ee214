"""The verbs of the magics: what they do, and what they show."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sessions import LOG, recorded, run

if TYPE_CHECKING:
    from pathlib import Path

    from IPython.core.interactiveshell import InteractiveShell

    Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _own_randomness() -> object:
    """Restore the global random state."""
    before = random.getstate(), np.random.get_state()  # noqa: NPY002
    yield
    random.setstate(before[0])
    np.random.set_state(before[1])  # noqa: NPY002


def test_a_seed_reaches_every_stream(shell: InteractiveShell, capsys: Captured) -> None:
    """Python's, NumPy's and the returned generator are seeded; one line says so."""
    run(shell, "rng = %seed 42")
    assert "ithtel: seed 42 set for python, numpy.legacy, and the generator returned\n" == capsys.readouterr().out
    assert (random.Random(42).random(), np.random.RandomState(42).random()) == (random.random(), np.random.random())  # noqa: NPY002
    assert np.random.default_rng(42).random() == shell.user_ns["rng"].random()
    assert 42 == recorded("seed.set")[-1]["seed"]


def test_seed_alone_changes_nothing(shell: InteractiveShell, capsys: Captured) -> None:
    """It shows the last seed."""
    run(shell, "%seed")
    run(shell, "rng = %seed 5")
    before = random.getstate()
    run(shell, "%seed")
    assert before == random.getstate()
    out = capsys.readouterr().out
    assert out.startswith("ithtel: no seed was set in this session\n")
    assert out.endswith("ithtel: the last seed set is 5\n")
    assert 1 == len(recorded("seed.set"))


def test_a_large_seed_says_what_it_does_not_reach(shell: InteractiveShell, capsys: Captured) -> None:
    """NumPy's legacy generator accepts only 32 bits."""
    run(shell, f"rng = %seed {2**40}")
    assert "numpy.legacy was not seeded" in capsys.readouterr().out
    assert "numpy.legacy" not in recorded("seed.set")[-1]["components"]


def test_status_says_where_and_how(shell: InteractiveShell, capsys: Captured) -> None:
    """Settings are shown only if they differ from the defaults."""
    run(shell, "%ithtel status")
    run(shell, "%ithtel set level=warning")
    run(shell, "%ithtel status")
    assert [
        "ithtel: recording cells to logs/ndjson/notebook.jsonl",
        "ithtel: level is now WARNING",
        "ithtel: recording cells to logs/ndjson/notebook.jsonl, level=WARNING",
    ] == capsys.readouterr().out.splitlines()


def test_pause_and_resume(shell: InteractiveShell) -> None:
    """Cells that run in between are not recorded; the others stay balanced."""
    run(shell, "%ithtel pause")
    run(shell, "secret = 'hunter2'")
    run(shell, "%ithtel resume")
    run(shell, "public = 1")
    assert "hunter2" not in LOG.read_text(encoding="utf-8")
    kinds = [c["event_type"] for c in recorded()]
    assert kinds.count("cell.start") == kinds.count("cell.end")
    assert "public = 1" == recorded("cell.start")[-1]["source"]


def test_alone_it_says_where_it_records(shell: InteractiveShell, capsys: Captured) -> None:
    """`%ithtel` alone is the same as `%ithtel status`."""
    run(shell, "%ithtel")
    assert "ithtel: recording cells to logs/ndjson/notebook.jsonl\n" == capsys.readouterr().out


def test_the_doctor_looks_at_a_log(shell: InteractiveShell) -> None:
    """`%ithtel doctor LOG` examines another log."""
    run(shell, "%ithtel stop")
    assert "no threat to reproduction found in 2 cells" == repr(run(shell, f"%ithtel doctor {LOG}").result)


def test_events_are_a_table(shell: InteractiveShell) -> None:
    """Technical events are listed only on request."""
    run(shell, "%note a remark")
    table = run(shell, "%ithtel events").result
    assert ["event_type", "msg"] == list(table.columns)
    assert "a remark" in set(table["msg"])
    assert "environment.changed" not in set(table["event_type"])
    assert {"note"} == set(run(shell, "%ithtel events --type note").result["event_type"])
    assert len(run(shell, "%ithtel events --all").result) > len(table)


def test_a_timeline_shows_picture_and_text(shell: InteractiveShell) -> None:
    """It covers this session so far, and its text is deterministic."""
    run(shell, "import ithtel\nnav = ithtel.datasets.google()\nr = ithtel.analyze(nav, side='bull')")
    picture = run(shell, "%timeline").result
    assert picture is not None
    data = picture._repr_mimebundle_()
    data = data[0] if isinstance(data, tuple) else data
    assert data["image/png"]
    assert "GOOG" in data["text/plain"]


def test_a_timeline_works_without_a_file(
    bare: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """A session recorded in memory can be drawn."""
    (tmp_path / "logs").write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null")
    run(bare, "%load_ext ithtel")
    assert "recording to memory, which is lost when the process ends (%ithtel stop)" in capsys.readouterr().out
    run(bare, "x = 1")
    assert "x = 1" in repr(run(bare, "%timeline").result)


def test_another_log_is_drawn_by_name(shell: InteractiveShell) -> None:
    """`%timeline LOG` draws another log."""
    run(shell, "%ithtel stop")
    assert "notebook" in repr(run(shell, f"%timeline {LOG}").result)


def test_a_lineage_says_what_a_value_came_from(shell: InteractiveShell) -> None:
    """It lists cells, the seed, and the fingerprint then and now."""
    run(shell, "import numpy as np\nrng = %seed 42")
    run(shell, "nav = rng.normal(size=3)")
    said = repr(run(shell, "%lineage nav").result)
    assert said.startswith("nav float64[3] · made by [3]\n  [2] rng = %seed 42")
    assert "draws from numpy:rng (seed 42)" in said
    assert said.endswith("then, the same now")
    run(shell, "nav[0] = 5")
    assert "made by [5]" in repr(run(shell, "%lineage nav").result)


def test_a_lineage_is_drawn(shell: InteractiveShell) -> None:
    """`--graph` draws an SVG."""
    run(shell, "a = 1")
    data = run(shell, "%lineage a --graph").result._repr_mimebundle_()
    assert data["image/svg+xml"].startswith("<svg ")
