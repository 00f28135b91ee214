"""`Frame`, `Places`: tell the user's frames from those of libraries and of the machinery under every cell."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Kind = Literal["own", "library", "native"]
CELL = "cell"
"""The name of a cell whose number is unknown."""
OWN_FOLDER = Path(__file__).parents[1].as_posix() + "/"
_PROFILER = Path(__file__).parent.as_posix() + "/"

_LIBRARY = re.compile(
    r"(?:.*/)?(?:(?:site|dist)-packages|[Ll]ib(?:64)?/python3(?:\.\d+t?)?(?:\.zip)?|(?<=:/).*/Lib)/(?P<rest>.+)"
)
_CELL = re.compile(r"(?:.*/ipykernel_\d+/\d+\.py|<ipython-input-.*)")
_PY_SPY = re.compile(r"(?P<function>.+?) \((?P<file>.+?)(?::(?P<line>\d+))?\)")
_COMPREHENSION = re.compile(r"<(?:genexpr|listcomp|dictcomp|setcomp)>$")
_IMPORTS = "<frozen "
_KERNEL = ("IPython/", "ipykernel")
_MACHINERY = (
    "IPython/", "ipykernel/", "tornado/", "zmq/", "jupyter_client/", "traitlets/", "ithtel/", "asyncio/",
    "concurrent/futures/", "threading.py", "runpy.py", "contextlib.py", "selectors.py", _IMPORTS, "nest_asyncio",
)  # fmt: skip
_WAITING = {("threading.py", "wait"), ("threading.py", "_wait_for_tstate_lock"), ("selectors.py", "select")}


class RawFrame(NamedTuple):
    """A frame as a sampler sees it: its function, the full file name, the current line."""

    function: str
    file: str
    line: int | None

    @classmethod
    def parse(cls, text: str) -> RawFrame:
        """Return a frame in py-spy's notation.

        >>> RawFrame.parse("burn (/work/hot.py:6)")
        RawFrame(function='burn', file='/work/hot.py', line=6)
        """
        match = _PY_SPY.fullmatch(text)
        if match is None:
            return cls(text, "", None)
        return cls(match["function"], match["file"], int(match["line"]) if match["line"] else None)


class Frame(NamedTuple):
    """A frame as a profile keeps it, with a short file name that is the same on every machine."""

    function: str
    file: str
    line: int | None
    kind: Kind

    @property
    def text(self) -> str:
        """The frame as text in folded stacks: `burn (In[3]:6)`."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{self.function} ({where})" if where else self.function


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where code comes from: cells by the file names that IPython compiles them under, and the working folder."""

    cells: Mapping[str, str] = field(default_factory=dict)
    cwd: str = ""

    def cell(self, file: str) -> str | None:
        """Return the name of the cell in `file`, None if it is not a cell.

        >>> Places().cell("/tmp/ipykernel_12/3456.py"), Places().cell("/work/hot.py")
        ('cell', None)
        """
        return self.cells.get(file) or (CELL if _CELL.fullmatch(file) else None)

    def fold(self, stack: Iterable[RawFrame]) -> tuple[Frame, ...]:
        """Return a stack, outermost frame first, without the machinery under every cell; empty for an idle thread."""
        raw = list(stack)
        if raw and (_short(raw[-1].file), raw[-1].function.rpartition(".")[2]) in _WAITING:
            return ()
        if any(one.file.startswith(_PROFILER) for one in raw):
            return ()  # the profiler itself is starting or stopping
        cut = next((at for at, one in enumerate(raw) if self.cell(one.file)), None)
        if cut is None:
            is_kernel = any(_short(one.file).startswith(_KERNEL) for one in raw)
            cut = next((at for at, one in enumerate(raw) if not _is_machinery(one, is_kernel=is_kernel)), len(raw))
        return _without_comprehensions(self._frame(one) for one in raw[cut:] if not one.file.startswith(_IMPORTS))

    def _frame(self, raw: RawFrame) -> Frame:
        cell = self.cell(raw.file)
        if cell is not None:
            return Frame(raw.function, cell, raw.line, "own")
        if not raw.file.endswith(".py") and not raw.file.startswith("<"):
            return Frame(raw.function, Path(raw.file).name, raw.line, "native")
        if _is_library(raw.file):
            return Frame(raw.function, _short(raw.file), raw.line, "library")
        return Frame(raw.function, raw.file.removeprefix(self.cwd.rstrip("/") + "/"), raw.line, "own")


def _short(file: str) -> str:
    """Return the file name starting at the package."""
    file = file.replace("\\", "/")
    if file.startswith(OWN_FOLDER):
        return "ithtel/" + file.removeprefix(OWN_FOLDER)
    match = _LIBRARY.fullmatch(file)
    return match["rest"].removeprefix("site-packages/") if match else file


def _without_comprehensions(frames: Iterable[Frame]) -> tuple[Frame, ...]:
    """Count the time of a comprehension for the function around it, as Python 3.12 does for lists."""
    kept: list[Frame] = []
    for frame in frames:
        around = kept[-1] if kept else None
        if _COMPREHENSION.search(frame.function) and around is not None and frame.file == around.file:
            kept[-1] = around._replace(line=frame.line)
        else:
            kept.append(frame)
    return tuple(kept)


def _is_machinery(raw: RawFrame, *, is_kernel: bool) -> bool:
    """Return whether a frame is machinery under the user's code; in a kernel, outside of cells, all libraries are."""
    return _is_library(raw.file) if is_kernel else _short(raw.file).startswith(_MACHINERY)


def _is_library(file: str) -> bool:
    file = file.replace("\\", "/")
    return file.startswith((OWN_FOLDER, "<")) or not file.endswith(".py") or bool(_LIBRARY.fullmatch(file))
