"""`CellClock`: starts the clock of each replayed cell at the time at which the cell was recorded.

The package time-machine moves `time` and `datetime`, and with them pandas. NumPy asks the system itself, so
`np.datetime64("now")` is rewritten where it stands in a cell.
"""

from __future__ import annotations

import ast
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ithtel.errors import MissingPackageError
from ithtel.provenance.wall_clock import wall_clock

if TYPE_CHECKING:
    from collections.abc import Sequence

_NUMPY_WORDS = ("now", "today")


def require_clock() -> None:
    """Check that the clock can be moved.

    Raises:
        MissingPackageError: time-machine is not installed.
    """
    try:
        import time_machine  # noqa: F401
    except ImportError:
        text = "--clock needs time-machine, which is not installed: pip install time-machine"
        raise MissingPackageError(text) from None


class CellClock:
    """The clock of a replay. It runs on from the recorded start of each cell; performance counters stay as they are.

    Args:
        starts: When each cell began, as its line says; None where that is not known.
    """

    def __init__(self, starts: Sequence[str | None]) -> None:
        self._starts = starts
        self._coordinates: Any = None
        self._travel: Any = None

    def begin(self, place: int) -> None:
        """Set the clock to the start of the cell with this index; leave it as it is if that is not known."""
        start = self._starts[place] if place < len(self._starts) else None
        if start is None:
            return
        moment = datetime.fromisoformat(start).astimezone(UTC)
        if self._coordinates is None:
            import time_machine

            wall_clock.time_ns = time_machine.escape_hatch.time.time_ns
            self._travel = time_machine.travel(moment, tick=True)
            self._coordinates = self._travel.start()
        else:
            self._coordinates.move_to(moment)

    def stop(self) -> None:
        """Return to the clock of the machine."""
        if self._travel is not None:
            self._travel.stop()
            self._travel = self._coordinates = None
            wall_clock.time_ns = time.time_ns


class NumpyNow(ast.NodeTransformer):
    """Rewrites `np.datetime64("now")` and `np.datetime64("today")` so that they follow Python's clock."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Replace the word by a call of `numpy_word`."""
        self.generic_visit(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name != "datetime64" or not node.args or not isinstance(node.args[0], ast.Constant):
            return node
        word = node.args[0].value
        if word in _NUMPY_WORDS:
            text = f"__import__({__name__!r}, fromlist=['numpy_word']).numpy_word({word!r})"
            call = ast.parse(text, mode="eval").body
            for each in ast.walk(call):
                ast.copy_location(each, node.args[0])
            node.args[0] = call
        return node


def numpy_word(word: str) -> str:
    """Return what `np.datetime64` understands by `now` (in UTC, to the second) or `today` (in local time).

    >>> len(numpy_word("now")), len(numpy_word("today"))
    (19, 10)
    """
    if word == "today":
        return time.strftime("%Y-%m-%d")
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
