"""Profiles: where the time of a cell or a program goes, as folded stacks, drawn and kept."""
