"""Events of profiles."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from ithtel.events.base import Event, Number


class ProfileRecorded(Event, tag="profile.recorded", frozen=True, kw_only=True):
    """A cell or a program was sampled, and its profile written to a file."""

    free_text: ClassVar[tuple[str, ...]] = ("target", "reason")
    paths: ClassVar[tuple[str, ...]] = ("path",)

    path: Annotated[str, Meta(description="the file, relative to the working directory if it is inside it")]
    format: Literal["flamegraph", "speedscope", "raw"]
    rate_hz: Annotated[int, Meta(description="requested samples per second")]
    duration_s: Number
    n_samples: Annotated[int, Meta(description="samples that contain code of the target")]
    target: Annotated[str, Meta(description="`cell 3`, `process 123`, or a command")]
    sampler: Annotated[Literal["py-spy", "in-process"], Meta(description="in-process if py-spy may not attach")]
    reason: Annotated[str | None, Meta(description="why py-spy was not used")] = None

    def sentence(self) -> str:
        """Name the target and the number of samples."""
        return f"profile of {self.target}: {self.n_samples} samples"
