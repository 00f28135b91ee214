"""Options of a run have the defaults of the command line, and cannot be changed."""

from __future__ import annotations

import dataclasses
import os

import pytest

from ithtel.replay.options import TIMEOUT_S, RunOptions


def test_defaults() -> None:
    """Ten minutes per cell, the environment of this process, exact comparison."""
    options = RunOptions()
    assert (600.0, None, None, None) == (options.timeout_s, options.progress, options.rtol, options.atol)
    assert TIMEOUT_S == options.timeout_s
    assert os.environ is options.environ


def test_options_are_frozen() -> None:
    """They pass through several layers, none of which may change them."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        RunOptions().rtol = 1.0  # type: ignore[misc]
