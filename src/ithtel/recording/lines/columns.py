"""`Columns`: encodes a table as events without one struct per row, constants once and the rest column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.errors import InputError, did_you_mean
from ithtel.events import Event, event_type
from ithtel.events.values import to_json_value
from ithtel.recording.lines.line import encode_str
from ithtel.recording.secrets.redaction import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ithtel.recording.secrets.private_mode import Privacy
    from ithtel.recording.secrets.redaction import Redactor

Row = tuple[bytes, bytes]
"""The message and the context of a line, encoded."""
BLOCK_ROWS = 1024
_encode = msgspec.json.Encoder(enc_hook=to_json_value).encode
_NUMBERS = frozenset({int, float, bool})


class Columns:
    """A table whose rows are events of one kind.

    Args:
        kind: The event.
        columns: Field → one value per row, or one for all rows.
        redactor: Replaces secrets in free text.
        privacy: Removes text and values; None outside private sessions.

    Raises:
        InputError: A column is not a field, a field is missing, or lengths differ.
    """

    def __init__(
        self, kind: type[Event], columns: Mapping[str, Any], redactor: Redactor, privacy: Privacy | None = None
    ) -> None:
        self._kind = kind
        self._defaults = _defaults(kind)
        self._columns = {name: _values(value) for name, value in columns.items()}
        self._check()
        searched = {*kind.free_text, *kind.paths}
        for name in searched & self._columns.keys():
            clean = redactor.source if name == SOURCE else redactor.path if name in kind.paths else redactor.value
            self._columns[name] = _cleaned(self._columns[name], clean)
        if privacy is not None:
            self._columns = {name: _withheld(kind, name, column, privacy) for name, column in self._columns.items()}
        lengths = {len(column) for column in self._columns.values() if isinstance(column, list)}
        if len(lengths) > 1:
            raise InputError(f"columns of {event_type(kind)} differ in length: {', '.join(map(str, sorted(lengths)))}")
        self._n = lengths.pop() if lengths else 0

    def __len__(self) -> int:
        return self._n

    def blocks(self) -> Iterator[list[Row]]:
        """Yield the rows in blocks."""
        for start in range(0, self._n, BLOCK_ROWS):
            chosen = slice(start, start + BLOCK_ROWS)
            part = {
                name: column[chosen] if isinstance(column, list) else column for name, column in self._columns.items()
            }
            yield list(zip(self._messages(part), self._contexts(part), strict=True))

    def events(self) -> Iterator[Event]:
        """Yield the rows as events."""
        for at in range(self._n):
            row = {name: column[at] if isinstance(column, list) else column for name, column in self._columns.items()}
            yield self._kind(**row)

    def _messages(self, part: Mapping[str, Any]) -> list[bytes]:
        return [encode_str(text) for text in self._kind.sentences(part)]

    def _contexts(self, part: Mapping[str, Any]) -> list[bytes]:
        """Return the context of each row: a template of the constants, filled with the varying values."""
        pieces: list[list[bytes]] = []
        template = b'{"event_type":%b' % _encode(event_type(self._kind)).replace(b"%", b"%%")
        for name in self._kind.__struct_fields__:
            if name not in part:
                continue
            value, key = part[name], b',"%b":' % name.encode()
            is_optional = name in self._defaults
            if not isinstance(value, list):
                if not (is_optional and value == self._defaults[name]):
                    template += (key + _encode(value)).replace(b"%", b"%%")
            elif is_optional and self._defaults[name] in value:
                pieces.append([b"" if one == self._defaults[name] else key + _encode(one) for one in value])
                template += b"%b"
            else:
                pieces.append(_encoded(value))
                template += key + b"%b"
        template += b"}"
        return [template % row for row in zip(*pieces, strict=True)]

    def _check(self) -> None:
        fields = self._kind.__struct_fields__
        for name in self._columns:
            if name not in fields:
                raise InputError(f"no field {name!r} in {event_type(self._kind)}{did_you_mean(name, fields)}")
        missing = [name for name in fields if name not in self._columns and name not in self._defaults]
        if missing:
            raise InputError(f"{event_type(self._kind)} needs {', '.join(missing)}")


def _values(value: Any) -> Any:  # noqa: ANN401 - a column, or a value for all rows
    """Return a column as a list of Python values, and a value for all rows unchanged."""
    tolist = getattr(value, "tolist", None)
    if tolist is not None:
        return tolist()
    return list(value) if isinstance(value, list | tuple) else value


def _cleaned(column: Any, clean: Any) -> Any:  # noqa: ANN401
    """Return a column of text without secrets; equal texts are searched only once."""
    if not isinstance(column, list):
        return column if column is None else clean(column)
    known = {text: clean(text) for text in {text for text in column if isinstance(text, str)}}
    return [known[one] if isinstance(one, str) else one if one is None else clean(one) for one in column]


def _withheld(kind: type[Event], name: str, column: Any, privacy: Privacy) -> Any:  # noqa: ANN401
    """Return what a private session may write of a column."""
    if not isinstance(column, list):
        return privacy.value(kind, name, column)
    return [privacy.value(kind, name, value) for value in column]


def _encoded(values: list[Any]) -> list[bytes]:
    """Return each value encoded; numbers all at once, because no number contains a comma."""
    if _NUMBERS.issuperset(map(type, values)):
        return _encode(values)[1:-1].split(b",")
    return [_encode(value) if not isinstance(value, str) else encode_str(value) for value in values]


def _defaults(kind: type[Event]) -> dict[str, Any]:
    fields = msgspec.structs.fields(kind)
    return {field.name: field.default for field in fields if field.default is not msgspec.NODEFAULT}
