"""`transform`: the input transformer of `%%provenance` and `%%flamegraph`, so that the cell itself runs natively.

A cell magic would run its body through a nested `run_cell`, which fails on top-level `await` in a kernel and calls
every hook twice. So the marker is replaced by the line magic of the same name. That magic parses the options, and a bad
option stops the cell before its first statement.
"""

from __future__ import annotations

MARKERS = ("%%provenance", "%%flamegraph")


def transform(lines: list[str]) -> list[str]:
    r"""Replace a leading `%%provenance …` by a call of the line magic; leave everything else alone.

    This is pure, since IPython also calls it to find out whether a cell is complete. In a stack of `%%` lines each
    level transforms its own body, so only the first line that is not blank matters here.

    >>> transform(["%%provenance --inputs nav\n", "x = 1\n"])
    ["get_ipython().run_line_magic('provenance', '--inputs nav')\n", 'x = 1\n']
    """
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    if first is None or not _is_marker(lines[first]):
        return lines
    name, _, options = lines[first].strip().removeprefix("%%").partition(" ")
    call = f"get_ipython().run_line_magic({name!r}, {options.strip()!r})\n"
    return [*lines[:first], call, *_transform_magic(lines[first + 1 :])]


def _is_marker(line: str) -> bool:
    words = line.strip().split(maxsplit=1)
    return bool(words) and words[0] in MARKERS and not line.rstrip().endswith("?")


def _transform_magic(lines: list[str]) -> list[str]:
    """Turn the next cell magic of a stack into a call: it is no longer the first line of the cell."""
    from IPython.core.inputtransformer2 import cell_magic, leading_empty_lines

    body = leading_empty_lines(lines)
    if not body or not body[0].startswith("%%"):
        return lines
    ours = transform(body)
    return cell_magic(body) if ours is body else ours
