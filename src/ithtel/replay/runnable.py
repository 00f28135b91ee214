"""Which cells of a record can be run again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ithtel.reading.history import Execution

REDACTED = re.compile(r"\[redacted:[\w.\-]+:[0-9a-f]+\]")


def is_hidden(execution: Execution) -> bool:
    """Say whether a cell's text is not on record, or not as it was."""
    return execution.source is None or bool(REDACTED.search(execution.source))


def is_run(execution: Execution) -> bool:
    """Say whether a replay runs this cell."""
    return execution.status != "unfinished" and not is_hidden(execution)
