"""From a picture back to the cell that made it."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

import ithtel
from ithtel.cli import app
from ithtel.errors import InputError, MissingFileError
from sessions import run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

DRAW = "import ithtel\nfrom matplotlib.figure import Figure\nfigure = ithtel.stamp(Figure())\nfigure.savefig({!r})"


@pytest.mark.parametrize("name", ["chart.png", "chart.svg"])
def test_a_stamped_picture_names_its_cell(shell: InteractiveShell, name: str) -> None:
    """Session, cell and seed; the text of the cell where the log is."""
    run(shell, "%seed 42")
    run(shell, DRAW.format(name))
    origin = ithtel.whence(name)
    assert origin is not None
    assert ("stamp", 3, 42) == (origin.found_by, origin.cell, origin.seed)
    assert "cell: import ithtel" in origin.text()


def test_the_stamp_is_enough_without_the_log(shell: InteractiveShell) -> None:
    """As far as it goes."""
    run(shell, DRAW.format("chart.png"))
    origin = ithtel.whence("chart.png", logs="elsewhere")
    assert origin is not None
    assert origin.session_id.startswith("sess_")
    assert origin.cell is None


def test_a_file_without_a_stamp_is_found_by_its_digest(shell: InteractiveShell) -> None:
    """In the logs: a cell wrote it."""
    run(shell, "from pathlib import Path\n_ = Path('result.csv').write_text('a,b\\n1,2\\n')")
    origin = ithtel.whence("result.csv")
    assert origin is not None
    assert ("digest", 2) == (origin.found_by, origin.cell)


@pytest.mark.usefixtures("shell")
def test_nobody_knows_a_foreign_file() -> None:
    """And a missing one is an error."""
    Path("foreign.csv").write_text("x", encoding="utf-8")
    assert ithtel.whence("foreign.csv") is None
    assert 1 == CliRunner().invoke(app, ["whence", "foreign.csv"]).exit_code
    with pytest.raises(MissingFileError):
        ithtel.whence("missing.csv")


def test_without_a_session_nothing_is_stamped() -> None:
    """The bytes are those that matplotlib writes."""
    from matplotlib.figure import Figure

    plain, stamped = io.BytesIO(), io.BytesIO()
    Figure().savefig(plain, format="png")
    ithtel.stamp(Figure()).savefig(stamped, format="png")
    assert plain.getvalue() == stamped.getvalue()


def test_only_figures_are_stamped() -> None:
    """What else is reported."""
    with pytest.raises(InputError, match="matplotlib figure"):
        ithtel.stamp(3)


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


STAMP = b'{"session":"sess_1"}'


@pytest.mark.parametrize(
    "text",
    [
        chunk(b"tEXt", b"ithtel\0" + STAMP),
        chunk(b"zTXt", b"ithtel\0\0" + zlib.compress(STAMP)),
        chunk(b"iTXt", b"ithtel\0\0\0en\0\0" + STAMP),
        chunk(b"iTXt", b"ithtel\0\1\0en\0\0" + zlib.compress(STAMP)),
    ],
    ids=["tEXt", "zTXt", "iTXt", "iTXt, compressed"],
)
def test_every_kind_of_text_chunk_is_read(text: bytes) -> None:
    """Other programs may have written the picture again, and put the chunk behind the pixels."""
    Path("a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", b"x" * 99) + text + chunk(b"IEND", b""))
    origin = ithtel.whence("a.png")
    assert origin is not None
    assert ("stamp", "sess_1") == (origin.found_by, origin.session_id)


@pytest.mark.parametrize(
    "text",
    [
        chunk(b"zTXt", b"ithtel\0\0" + zlib.compress(b" " * 2**24 + STAMP)),
        chunk(b"iTXt", b"ithtel\0\1\0\0\0" + zlib.compress(b" " * 2**24 + STAMP)),
        chunk(b"zTXt", b"ithtel\0\0garbage"),
        chunk(b"zTXt", b"ithtel\0"),
        chunk(b"iTXt", b"ithtel\0\1"),
        chunk(b"tEXt", b"ithtel\0[]"),
        chunk(b"tEXt", b"ithtel\0" + STAMP)[:20],
    ],
    ids=["zTXt bomb", "iTXt bomb", "garbage", "no text", "cut iTXt", "no stamp", "cut file"],
)
def test_a_hostile_picture_has_no_stamp(text: bytes) -> None:
    """A bomb is not decompressed, and damage is not an error."""
    Path("a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + text)
    assert ithtel.whence("a.png") is None
