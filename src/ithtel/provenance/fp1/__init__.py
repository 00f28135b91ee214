"""Version 1 of the canonical fingerprint, as docs/fingerprints.md specifies it; `provenance.fingerprint` is its entry.

This room holds more than 14 modules because each part of the specification is a module: how bytes are hashed (`digest`,
`blocks`, `scan`, `cores`), what is hashed (`kinds`, `columns`, `variable`, `tables`, `labels`, `objects`, `leaves`,
`values`), how objects of any class are read (`state`, `stand_ins`, `functions`, `volatile`, `derived`), one adapter per
library (`arrays`, `of_arrow`, `of_numpy`, `of_pandas`, `of_polars`, `of_scipy`, `python_values`), and what saves time
(`sampling`, `estimate`). It stays flat, because a new kind of value usually needs a change in each of these groups.
"""
