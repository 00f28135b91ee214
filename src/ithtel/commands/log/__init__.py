"""Verbs that read a log, one module per verb; `source` finds the log that a caller means."""
