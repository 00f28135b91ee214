"""Where a variable comes from, and whether its present value is the recorded one."""

from __future__ import annotations

import numpy as np
import pytest

from factories import Writer
from ithtel import events
from ithtel.commands.log.lineage import lineage
from ithtel.errors import InputError
from ithtel.provenance.fingerprint import fingerprint
from ithtel.reading.lines.log import Log

VALUE = np.arange(3.0)


@pytest.fixture
def log() -> Log:
    """A log in which a cell made `x`."""
    event = fingerprint(VALUE, "x")
    assert isinstance(event, events.ArrayFingerprint)
    return Log.from_lines(Writer().start().cell("x = f(y)", event, reads=["y"], writes=["x"]).end().lines)


def test_the_present_value_is_compared(log: Log) -> None:
    """Only if it is given."""
    texts = [repr(lineage(log, "x", namespace=namespace)) for namespace in (None, {"x": VALUE}, {"x": VALUE + 1})]
    assert 3 == len(set(texts))
    assert all("x = f(y)" in text for text in texts)


def test_an_unknown_variable_is_refused(log: Log) -> None:
    """It is named."""
    with pytest.raises(InputError, match="z"):
        lineage(log, "z")
