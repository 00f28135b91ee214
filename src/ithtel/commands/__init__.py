"""The verbs, as plain functions that return values. A front end parses input, calls one of them, and shows the result.

There is one room per kind of verb: `ith` analyses, `data` reads tables, `session` starts and seeds, `log` reads logs,
`replay` runs a session again, `examine` runs the statistical examination. `older` keeps the names of the older system:
it may import the other rooms, and nothing may import it.
"""

from __future__ import annotations

from pathlib import Path

from ithtel.lazy_names import attach_names

__getattr__, __dir__, __all__ = attach_names(__name__, __file__)

# Objects pickled before the rooms were rearranged name modules such as `ithtel.commands.outcome`. They are found in
# `older/moved` for one more release; nothing here imports them.
__path__.append(str(Path(__file__).parent / "older" / "moved"))
