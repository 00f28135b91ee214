"""Profiles: sample where the time of a cell or a program goes, fold the stacks, and store the result."""
