"""Cells whose results differ between runs of one notebook, and the smallest fixes."""
