"""What ran in a session, cell by cell, built from its records."""
