"""`shown_path`, `shown_location`: the location of a log without the parts that differ between machines."""

from __future__ import annotations

from pathlib import Path


def shown_path(path: Path, cwd: Path | None = None, home: Path | None = None) -> str:
    """Return `path` relative to the working directory, else from `~`, else its last three parts after `…`.

    >>> shown_path(Path("/work/logs/ndjson/a.jsonl"), cwd=Path("/work"))
    'logs/ndjson/a.jsonl'
    """
    full = Path(path).absolute()
    try:
        return full.relative_to(cwd or Path.cwd()).as_posix()
    except ValueError:
        pass
    try:
        return "~/" + full.relative_to(home or Path.home()).as_posix()
    except (ValueError, RuntimeError):
        return "…/" + "/".join(full.parts[-3:])


def shown_location(path: Path | None) -> str:
    """Return the location of a session's log for display; `path` is None for a session in memory."""
    return "memory" if path is None else shown_path(path)
