"""Version 1 of the canonical fingerprint, as docs/fingerprints.md specifies it.

The room holds more than 14 modules because the format is one: a file per library whose values it reads (NumPy, pandas,
polars, Arrow, SciPy), and one per kind of column. Its parts are of no use elsewhere.
"""
