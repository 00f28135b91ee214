"""`lineage`: which execution made a variable, and from what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.commands.log.source import history_of, is_private, log_of
from ithtel.reading.lineage.lineage import lineage as lineage_of
from ithtel.viewer.lineage import LineageView

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from ithtel.reading.lines.log import Log
    from ithtel.recording.session import Session


def lineage(
    source: str | os.PathLike[str] | Log | Session,
    name: str,
    *,
    namespace: Mapping[str, object] | None = None,
    graph: bool = False,
    theme: str = "auto",
) -> LineageView:
    """Return which execution made a variable, from what, with which seed, and its fingerprint then and now.

    Args:
        source: A log file, folder or glob, a `Log`, or a session.
        name: The variable.
        namespace: Variables that hold its present value; without it only the recorded fingerprint is shown.
        graph: Whether to draw a graph.
        theme: `light`, `dark`, or `auto`.

    Raises:
        InputError: No recorded cell made or used the variable.
    """
    past = history_of(log_of(source))
    found = lineage_of(past, name)
    if is_private(source, past):
        found = found.with_value_now(None, is_comparable=False)
    elif namespace is not None and name in namespace:
        from ithtel.provenance.fingerprint import fingerprint

        found = found.with_value_now(fingerprint(namespace[name], name).fingerprint)
    return LineageView(found, graph=graph, theme=theme)
