"""Completion after our magics: verbs, settings, variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ithtel.notebook.table import TABLE
from ithtel.recording.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

FLAMEGRAPH_OPTIONS = ("--rate", "--native", "--gil", "--format")
PROVENANCE_OPTIONS = ("--inputs", "--outputs", "--name")


def register(shell: InteractiveShell) -> None:
    """Let the shell complete what follows our magics."""
    for command, completer in _completers().items():
        shell.set_hook("complete_command", completer, str_key=command)


def unregister(shell: InteractiveShell) -> None:
    """Forget our completers."""
    for command in _completers():
        shell.strdispatchers["complete_command"].strs.pop(command, None)


def complete_verb(_shell: InteractiveShell, event: Any) -> list[str]:  # noqa: ANN401 - IPython's completion event
    """Complete `%ithtel …`: the verbs; the settings after `set`; the types after `--type`."""
    words = event.line.split()
    if len(words) > 1 and words[1] == "set":
        return [f"{name}=" for name in Settings.__struct_fields__]
    if words and words[-1] == "--type" and not event.symbol:
        from ithtel.events import EVENTS, event_type

        return [event_type(kind) for kind in EVENTS]
    return list(TABLE)


def complete_provenance(shell: InteractiveShell, _event: Any) -> list[str]:  # noqa: ANN401
    """Complete `%provenance …`: its options and the user's variables."""
    return [*PROVENANCE_OPTIONS, *_variables(shell)]


def _variables(shell: InteractiveShell) -> list[str]:
    hidden = shell.user_ns_hidden
    return [name for name in shell.user_ns if not name.startswith("_") and name not in hidden]


def complete_lineage(shell: InteractiveShell, _event: Any) -> list[str]:  # noqa: ANN401
    """Complete `%lineage …`: the user's variables, `--graph`."""
    return ["--graph", *_variables(shell)]


def complete_flamegraph(_shell: InteractiveShell, event: Any) -> list[str]:  # noqa: ANN401
    """Complete `%flamegraph …`: its options; the formats after `--format`."""
    words = event.line.split()
    if words and words[-1] == "--format" and not event.symbol:
        return ["flamegraph", "speedscope", "raw"]
    return list(FLAMEGRAPH_OPTIONS)


def _completers() -> dict[str, Callable[[InteractiveShell, Any], list[str]]]:
    return {
        "%ithtel": complete_verb,
        "%provenance": complete_provenance,
        "%%provenance": complete_provenance,
        "%lineage": complete_lineage,
        "%flamegraph": complete_flamegraph,
        "%%flamegraph": complete_flamegraph,
    }
