"""What to seed, so that a notebook gives the same whoever runs it."""
