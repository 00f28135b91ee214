"""The verbs of `%ithtel`: their functions, arguments and help."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ithtel.errors import InputError, did_you_mean
from ithtel.notebook.magics import compare_verbs, verbs

if TYPE_CHECKING:
    import argparse

    from ithtel.notebook.recorder import Recorder

TABLE = {**verbs.TABLE, **compare_verbs.TABLE}
HELP = "\n".join(f"{name}: {(action.__doc__ or '').splitlines()[0]}" for name, action in TABLE.items())
DEFAULT = "status"
WORDS = {
    "start": 1,
    "set": sys.maxsize,
    "audit": 1,
    "doctor": 1,
    "cells": 1,
    "diff": 2,
    "replay": 1,
    "check": sys.maxsize,
}
"""How many arguments a verb takes; none if it is not listed."""


def call(recorder: Recorder, options: argparse.Namespace) -> Any:  # noqa: ANN401 - what the verb shows
    """Run a verb, and return what it shows.

    Raises:
        InputError: There is no such verb, or it takes fewer arguments.
    """
    verb, words = options.verb, options.rest
    if verb not in TABLE:
        raise InputError(f"no verb {verb!r}{did_you_mean(verb, TABLE)}; %ithtel? lists them")
    most = WORDS.get(verb, 0)
    if len(words) > most:
        raise InputError(f"%ithtel {' '.join([verb, *words[:most]])}: unexpected argument {words[most]!r}")
    return TABLE[verb](recorder, options)
