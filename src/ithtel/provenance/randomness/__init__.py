"""Random streams: finding them, capturing and restoring their state, seeding."""
