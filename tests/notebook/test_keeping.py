"""`keep=outputs` in a shell: arrays, columns and pictures by their digests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ithtel.events.files import object_path
from sessions import recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def test_arrays_and_columns_are_kept(shell: InteractiveShell) -> None:
    """As their plain bytes."""
    run(shell, "%ithtel set keep=outputs")
    run(shell, "import numpy as np, pandas as pd\nx = np.arange(5.0)\ndf = pd.DataFrame({'a': [1, 2, 3]})")
    array = next(each for each in recorded("array.fingerprint") if each["name"] == "x")
    assert np.arange(5.0).tobytes() == object_path(Path("logs"), array["sha256"]).read_bytes()
    frame = recorded("frame.fingerprint")[0]
    assert np.array([1, 2, 3]).tobytes() == object_path(Path("logs"), frame["columns"]["a"]["sha256"]).read_bytes()


def test_a_picture_is_kept(shell: InteractiveShell) -> None:
    """The bytes that the notebook shows."""
    run(shell, "%ithtel set keep=outputs")
    bundle = {"image/svg+xml": "<svg/>", "text/plain": "x"}
    run(shell, f"get_ipython().display_pub.publish({bundle})")
    shown = next(each["mime"] for each in recorded("cell.output") if each["kind"] == "display")["image/svg+xml"]
    assert b"<svg/>" == object_path(Path("logs"), shown["sha256"]).read_bytes()


def test_addresses_are_no_part_of_a_digest(shell: InteractiveShell) -> None:
    """No two runs would have the same."""
    run(shell, "class Thing: pass\nkept = [Thing() for _ in range(2)]")
    run(shell, "kept[0]")
    run(shell, "kept[1]")
    digests = [each["mime"]["text/plain"]["sha256"] for each in recorded("cell.output") if each["kind"] == "result"]
    assert 2 == len(digests)
    assert 1 == len(set(digests))
