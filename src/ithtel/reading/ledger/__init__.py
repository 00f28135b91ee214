"""The ledger of a session: all its statistical tests in order, with adjusted p-values."""
