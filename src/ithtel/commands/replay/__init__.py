"""A recorded session run again, and notebooks checked against their baselines."""
