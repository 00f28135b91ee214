"""The report of an examination: one HTML page with drawings, which asks the network for nothing."""

from __future__ import annotations

from ithtel.viewer.report.page import page
from ithtel.viewer.report.sentences import sentences

__all__ = ["page", "sentences"]
