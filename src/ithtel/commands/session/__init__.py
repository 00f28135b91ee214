"""Start a session, and seed its random streams."""
