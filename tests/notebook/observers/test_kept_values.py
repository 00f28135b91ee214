"""`KeptValues`: with `keep=outputs`, arrays, columns and pictures are stored under their digests."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ithtel.events.format.files import object_path
from sessions import recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def test_arrays_and_columns_are_kept(shell: InteractiveShell) -> None:
    """The plain bytes of arrays and columns are stored."""
    run(shell, "%ithtel set keep=outputs")
    run(shell, "import numpy as np, pandas as pd\nx = np.arange(5.0)\ndf = pd.DataFrame({'a': [1, 2, 3]})")
    array = next(each for each in recorded("array.fingerprint") if each["name"] == "x")
    assert np.arange(5.0).tobytes() == object_path(Path("logs"), array["sha256"]).read_bytes()
    frame = recorded("frame.fingerprint")[0]
    assert np.array([1, 2, 3]).tobytes() == object_path(Path("logs"), frame["columns"]["a"]["sha256"]).read_bytes()


def test_a_picture_is_kept(shell: InteractiveShell) -> None:
    """The stored bytes are those that the notebook shows."""
    run(shell, "%ithtel set keep=outputs")
    bundle = {"image/svg+xml": "<svg/>", "text/plain": "x"}
    run(shell, f"get_ipython().display_pub.publish({bundle})")
    shown = next(each["mime"] for each in recorded("cell.output") if each["kind"] == "display")["image/svg+xml"]
    assert b"<svg/>" == object_path(Path("logs"), shown["sha256"]).read_bytes()


def test_uncommitted_changes_are_kept_from_the_moment_it_is_asked_for(shell: InteractiveShell) -> None:
    """They are kept even if the setting changes after the session began."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c"]
    Path("model.py").write_text("x = 1\n", encoding="utf-8")
    for command in (["init", "-q"], ["add", "model.py"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *command], check=True)
    Path("model.py").write_text("x = 2\n", encoding="utf-8")
    run(shell, "%ithtel set keep=code")
    digest = recorded("git.state")[-1]["diff_sha256"]
    assert b"+x = 2" in object_path(Path("logs"), digest).read_bytes()
    n_states = len(recorded("git.state"))
    run(shell, "%ithtel set keep=code,inputs")
    assert n_states == len(recorded("git.state"))


def test_addresses_are_no_part_of_a_digest(shell: InteractiveShell) -> None:
    """Addresses differ in every run."""
    run(shell, "class Thing: pass\nkept = [Thing() for _ in range(2)]")
    run(shell, "kept[0]")
    run(shell, "kept[1]")
    digests = [each["mime"]["text/plain"]["sha256"] for each in recorded("cell.output") if each["kind"] == "result"]
    assert 2 == len(digests)
    assert 1 == len(set(digests))
