"""A log becomes a notebook again, and the notebook is run in a fresh kernel, in a copy."""
