"""The kernel of a replay: starting and stopping it, and what it does around each cell."""
