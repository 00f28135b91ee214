"""Tests of the user's own, on record."""

from __future__ import annotations

from ithtel import stats
from ithtel.commands.starting import in_a_session

log_hypothesis_result = in_a_session(stats.log_hypothesis_result)
