"""Verbs that start a session or seed its random streams."""
