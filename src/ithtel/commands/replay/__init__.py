"""Run a recorded session again, and check notebooks against their baselines."""
