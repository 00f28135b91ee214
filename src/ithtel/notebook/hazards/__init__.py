"""What threatens reproduction in a running notebook, found when a cell ends."""
