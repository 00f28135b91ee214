"""`ithtel.datasets` has the public data sets."""

from __future__ import annotations

import ithtel
from ithtel.commands.data import datasets


def test_the_public_names_are_functions_of_the_commands() -> None:
    """Each is the function of that name, and all of them are listed."""
    assert [getattr(datasets, name) for name in ithtel.datasets.__all__] == [
        getattr(ithtel.datasets, name) for name in ("google", "nasdaq", "sp500", "stocks", "wti")
    ]
