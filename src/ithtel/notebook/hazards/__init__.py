"""Hazards: what threatens the reproduction of a running notebook, found when a cell ends."""
