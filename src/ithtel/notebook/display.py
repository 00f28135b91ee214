"""How values of others are shown while we are loaded: a Generator without its address, which no two runs share."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell


GENERATORS = (("numpy.random._generator", "Generator"), ("numpy.random.mtrand", "RandomState"))


def register(shell: InteractiveShell) -> list[Callable[[], object]]:
    """Show NumPy's generators without their address; return what undoes it."""
    if shell.display_formatter is None:
        return []
    formatter = shell.display_formatter.formatters["text/plain"]
    undo: list[Callable[[], object]] = []
    for module, name in GENERATORS:
        previous = formatter.for_type_by_name(module, name, _show_generator)
        undo.append(
            partial(formatter.for_type_by_name, module, name, previous)
            if previous is not None
            else partial(_forget, formatter, module, name)
        )
    return undo


def _show_generator(generator: Any, printer: Any, _cycle: bool) -> None:  # noqa: ANN401 - IPython's protocol
    printer.text(str(generator))


def _forget(formatter: Any, module: str, name: str) -> None:  # noqa: ANN401 - IPython's formatter
    try:
        formatter.pop(f"{module}.{name}")
    except KeyError:
        return
