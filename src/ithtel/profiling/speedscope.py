"""`encode`: a profile in the format of speedscope.app, which other viewers can read, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.version import __version__

if TYPE_CHECKING:
    from ithtel.profiling.frames import Frame
    from ithtel.profiling.stacks import Stacks

SCHEMA = "https://www.speedscope.app/file-format-schema.json"


def encode(stacks: Stacks, *, name: str, rate_hz: int, facts: object = None) -> str:
    """Return the profile as JSON; weights are seconds, from the number of samples and their rate.

    >>> from ithtel.profiling.stacks import Stacks
    >>> encode(Stacks({}), name="nothing", rate_hz=100)[:40]
    '{"$schema":"https://www.speedscope.app/f'
    """
    places: dict[Frame, int] = {}
    samples: list[list[int]] = []
    weights: list[float] = []
    for stack, n in sorted(stacks.counts.items()):
        samples.append([places.setdefault(frame, len(places)) for frame in stack])
        weights.append(n / rate_hz)
    sampled = {
        "type": "sampled", "name": name, "unit": "seconds", "startValue": 0, "endValue": sum(weights),
        "samples": samples, "weights": weights,
    }  # fmt: skip
    document = {
        "$schema": SCHEMA, "exporter": f"ithtel {__version__}", "name": name, "activeProfileIndex": 0,
        "shared": {"frames": [_frame(frame) for frame in places]}, "profiles": [sampled], "ithtel": facts,
    }  # fmt: skip
    return msgspec.json.encode(document).decode()


def _frame(frame: Frame) -> dict[str, Any]:
    place = {"name": frame.function, "file": frame.file}
    return place if frame.line is None else {**place, "line": frame.line}
