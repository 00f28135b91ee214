"""The timeline of a session: its cells, marks and series, and their plain text."""
