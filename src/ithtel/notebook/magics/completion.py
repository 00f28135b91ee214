"""Completion of the magics' arguments: verbs, settings, options, variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ithtel.notebook.magics.verb_table import TABLE
from ithtel.recording.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

FLAMEGRAPH_OPTIONS = ("--rate", "--native", "--gil", "--format")
VERB_OPTIONS = {"events": ("--type", "--all"), "doctor": ("--git",), "replay": ("--yes", "--fresh")}
PROVENANCE_OPTIONS = ("--inputs", "--outputs", "--name")


def register(shell: InteractiveShell) -> None:
    """Register the completers of our magics."""
    for command, completer in _completers().items():
        shell.set_hook("complete_command", completer, str_key=command)


def unregister(shell: InteractiveShell) -> None:
    """Remove our completers."""
    for command in _completers():
        shell.strdispatchers["complete_command"].strs.pop(command, None)


def complete_verb(_shell: InteractiveShell, event: Any) -> list[str]:  # noqa: ANN401 - IPython's completion event
    """Complete `%ithtel …`: the verbs; the settings after `set`, the types after `--type`, the options of others."""
    before = _words_before(event)
    if len(before) <= 1:
        return list(TABLE)
    if before[-1] == "--type":
        from ithtel.events import EVENTS, event_type

        return [event_type(kind) for kind in EVENTS]
    if before[1] == "set":
        return [f"{name}=" for name in Settings.__struct_fields__]
    return list(VERB_OPTIONS.get(before[1], ()))


def complete_seed(shell: InteractiveShell, _event: Any) -> list[str]:  # noqa: ANN401
    """Complete `%seed …`: the user's variables, `--restore`."""
    return ["--restore", *_variables(shell)]


def complete_provenance(shell: InteractiveShell, _event: Any) -> list[str]:  # noqa: ANN401
    """Complete `%provenance …`: its options and the user's variables."""
    return [*PROVENANCE_OPTIONS, *_variables(shell)]


def _words_before(event: Any) -> list[str]:  # noqa: ANN401
    """Return the words before the one that is being completed."""
    words: list[str] = event.line.split()
    return words[:-1] if event.symbol else words


def _variables(shell: InteractiveShell) -> list[str]:
    hidden = shell.user_ns_hidden
    return [name for name in shell.user_ns if not name.startswith("_") and name not in hidden]


def complete_lineage(shell: InteractiveShell, _event: Any) -> list[str]:  # noqa: ANN401
    """Complete `%lineage …`: the user's variables, `--graph`."""
    return ["--graph", *_variables(shell)]


def complete_flamegraph(_shell: InteractiveShell, event: Any) -> list[str]:  # noqa: ANN401
    """Complete `%flamegraph …`: its options; the formats after `--format`."""
    if _words_before(event)[-1:] == ["--format"]:
        return ["flamegraph", "speedscope", "raw"]
    return list(FLAMEGRAPH_OPTIONS)


def _completers() -> dict[str, Callable[[InteractiveShell, Any], list[str]]]:
    return {
        "%ithtel": complete_verb,
        "%seed": complete_seed,
        "%provenance": complete_provenance,
        "%%provenance": complete_provenance,
        "%lineage": complete_lineage,
        "%flamegraph": complete_flamegraph,
        "%%flamegraph": complete_flamegraph,
    }
