"""Seeding, on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.provenance.seed import seed as seed_streams
from ithtel.recording.recorded import emit

if TYPE_CHECKING:
    from ithtel.provenance.seed import SeededStreams


def seed(value: object) -> SeededStreams:
    """Seed every random stream of this process, and record it if a session is running.

    Args:
        value: An integer ≥ 0. From 2³² on it reaches only the streams that can take it, and the result says so.

    Returns:
        The NumPy Generator of that seed, and which streams were reached.

    Raises:
        InputError: The value is no such integer.
    """
    seeded = seed_streams(value)
    emit(seeded.event)
    return seeded
