"""The ledger: every statistical test of a session in order, with adjusted p-values."""
