"""`json_label`, `distinct`: names of columns and index levels, as JSON to hash and as distinct text to display."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ithtel.provenance.fp1.objects import Encoder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ithtel.provenance.fp1.digest import Method


def json_label(label: Any, method: Method) -> Any:  # noqa: ANN401 - JSON
    """Return a name as JSON: strings, integers, booleans and null as they are, tuples as lists, others as a digest."""
    if isinstance(label, np.str_ | np.integer | np.bool_):
        label = label.item()
    if label is None or type(label) in (str, int, bool):
        return label
    if type(label) is tuple:
        return [json_label(part, method) for part in label]
    return {"object": method.hexdigest(Encoder(method).token(label))}


def distinct(labels: Iterable[object]) -> list[str]:
    """Return each label as text; repeated ones get a suffix `#2`, `#3` ….

    >>> distinct(["a", "b", "a", 1, "1", ("x", 2)])
    ['a', 'b', 'a#2', '1', '1#2', "('x', 2)"]
    """
    texts = [str(label) for label in labels]
    taken: set[str] = set()
    original = set(texts)
    for place, text in enumerate(texts):
        candidate, count = text, 1
        while candidate in taken or (count > 1 and candidate in original):
            count += 1
            candidate = f"{text}#{count}"
        taken.add(candidate)
        texts[place] = candidate
    return texts
