"""The verbs, as plain functions that return values: a front end parses, calls one of these, and shows the result.

One room per kind of verb: `ith` analyses, `data` reads tables, `session` starts and seeds, `log` reads logs, `replay`
runs a session again, `examine` runs the statistical examination. `older` keeps the names of the older system: it may
import the other rooms, and nothing may import it.
"""

from pathlib import Path

# Objects pickled before the rooms were rearranged name modules such as `ithtel.commands.outcome`. They are found in
# `older/moved` for one more release; nothing here imports them.
__path__.append(str(Path(__file__).parent / "older" / "moved"))
