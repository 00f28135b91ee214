"""Names of columns: as JSON they keep their type, as text they are distinct."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ithtel.provenance.fingerprint import PLAIN
from ithtel.provenance.fp1.labels import distinct, json_label


def test_names_keep_their_type_in_json() -> None:
    """NumPy's scalars count as Python's; other objects are digested."""
    labels = ["a", 1, True, None, np.int64(2), ("x", 3)]
    assert ["a", 1, True, None, 2, ["x", 3]] == [json_label(label, PLAIN) for label in labels]
    digest = json_label(1.5, PLAIN)
    assert {"object"} == {*digest}
    assert digest == json_label(1.5, PLAIN) != json_label(2.5, PLAIN)


@given(st.lists(st.sampled_from(["a", "a#2", "a#3", 1, "1"]), max_size=12))
def test_texts_are_distinct(labels: list[object]) -> None:
    """Each starts with its label."""
    texts = distinct(labels)
    assert len(labels) == len(set(texts))
    assert all(text.startswith(str(label)) for text, label in zip(texts, labels, strict=True))
