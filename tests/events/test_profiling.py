"""The sentence of a profile."""

from __future__ import annotations

from ithtel.events import ProfileRecorded


def test_a_profile_names_its_target_and_its_samples() -> None:
    """For a person who reads the log."""
    event = ProfileRecorded(
        path="a.svg", format="flamegraph", rate_hz=100, duration_s=1.0, n_samples=97, target="cell 3", sampler="py-spy"
    )
    assert "profile of cell 3: 97 samples" == event.sentence()
