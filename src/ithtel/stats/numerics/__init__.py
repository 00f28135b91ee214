"""The calculations behind the tests: NumPy arrays in, numbers out; no events and no session."""
