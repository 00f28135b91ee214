"""What code asks of the world outside: which host, program, database or person, and on whose behalf."""
