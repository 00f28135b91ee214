"""Version 1 of the canonical fingerprint, as docs/fingerprints.md specifies it."""
