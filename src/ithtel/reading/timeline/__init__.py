"""The timeline of a session: its cells, marks and series, as values and as plain text."""
