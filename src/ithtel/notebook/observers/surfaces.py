"""`Surfaces`: which attributes an object had, so that a change of one that is too large to fingerprint is seen."""

from __future__ import annotations

from ithtel.provenance.fp1.state import own_attributes

Surface = dict[str, int]
MAX_ATTRIBUTES = 200


class Surfaces:
    """The identity of each attribute of variables that are read by their state, as of the last cell that used them.

    To fit a forest binds attributes anew, so its surface changes; to predict with it changes nothing.
    """

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, Surface]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._seen

    def has_changed(self, name: str, value: object) -> bool:
        """Return whether an attribute was bound since this variable was seen last, and remember it as it is now."""
        now = id(value), _surface(value)
        before = self._seen.get(name)
        self._seen[name] = now
        return before is not None and before[0] == now[0] and before[1] != now[1]

    def keep(self, names: frozenset[str]) -> None:
        """Forget all other names."""
        self._seen = {name: seen for name, seen in self._seen.items() if name in names}


def _surface(value: object) -> Surface:
    attributes = own_attributes(value, type(value))
    return {name: id(part) for name, part in list(attributes.items())[:MAX_ATTRIBUTES]}
