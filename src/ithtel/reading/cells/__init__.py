"""The cells of a notebook as it stands, each with its status: current, stale, never run, not reproducible."""
