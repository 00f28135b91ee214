"""`register`: text representations that do not differ between runs, used while the extension is loaded.

A Generator shows no address. A result of ithtel shows no clock time or id, six significant digits, and only the
beginning of a digest.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from ithtel.events.base import VOLATILE

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell


GENERATORS = (("numpy.random._generator", "Generator"), ("numpy.random.mtrand", "RandomState"))
RECORDS = (
    ("ithtel.events.base", "Event"),
    ("ithtel.events.statistics", "Details"),
    ("ithtel.ith.fitness", "Fitness"),
    ("ithtel.ith.fitness", "Qualification"),
    ("ithtel.ith.fitness", "CriterionResult"),
)
HIDDEN = VOLATILE | {"timestamp_ns"}
SHOWN_ITEMS = 8
INDENT, WIDTH = "    ", 100
_DIGEST = re.compile(r"((?:fp1:)?(?:sha256:)?[0-9a-f]{12})[0-9a-f]{52}")


def register(shell: InteractiveShell) -> list[Callable[[], object]]:
    """Register displays of NumPy's generators and of our results; return functions that restore the earlier ones."""
    if shell.display_formatter is None:
        return []
    formatter = shell.display_formatter.formatters["text/plain"]
    undo: list[Callable[[], object]] = []
    shows = [*((*kind, _show_generator) for kind in GENERATORS), *((*kind, _show_record) for kind in RECORDS)]
    for module, name, show in shows:
        previous = formatter.for_type_by_name(module, name, show)
        undo.append(
            partial(formatter.for_type_by_name, module, name, previous)
            if previous is not None
            else partial(_forget, formatter, module, name)
        )
    return undo


def _show_generator(generator: Any, printer: Any, _cycle: bool) -> None:  # noqa: ANN401 - IPython's protocol
    printer.text(str(generator))


def _show_record(record: Any, printer: Any, _cycle: bool) -> None:  # noqa: ANN401 - IPython's protocol
    printer.text(_record(record, ""))


def _record(record: Any, indent: str) -> str:  # noqa: ANN401 - a struct or a dataclass
    """Return a record as text. Fields that are None are left out, as in the log."""
    names = [field.name for field in fields(record)] if is_dataclass(record) else record.__struct_fields__
    values = {name: getattr(record, name) for name in names if name not in HIDDEN}
    parts = [f"{name}={_value(value, indent + INDENT)}" for name, value in values.items() if value is not None]
    return _laid_out(f"{type(record).__name__}(", parts, ")", indent)


def _value(value: Any, indent: str) -> str:  # noqa: ANN401 - of any field
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str):
        return repr(_DIGEST.sub(r"\1…", value))
    if isinstance(value, dict):
        parts = [f"{key!r}: {_value(one, indent + INDENT)}" for key, one in value.items()]
        return _laid_out("{", parts, "}", indent)
    if isinstance(value, list | tuple):
        parts = [_value(one, indent + INDENT) for one in value[:SHOWN_ITEMS]]
        more = [f"… {len(value) - SHOWN_ITEMS} more"] if len(value) > SHOWN_ITEMS else []
        return _laid_out("[", parts + more, "]", indent)
    return _record(value, indent) if hasattr(value, "__struct_fields__") or is_dataclass(value) else repr(value)


def _laid_out(begin: str, parts: list[str], end: str, indent: str) -> str:
    """Return parts in one line if they fit, otherwise one per line."""
    line = f"{begin}{', '.join(parts)}{end}"
    if len(indent) + len(line) <= WIDTH and "\n" not in line:
        return line
    inner = indent + INDENT
    return "\n".join([begin, *(f"{inner}{part}," for part in parts), indent + end])


def _forget(formatter: Any, module: str, name: str) -> None:  # noqa: ANN401 - IPython's formatter
    try:
        formatter.pop(f"{module}.{name}")
    except KeyError:
        return
