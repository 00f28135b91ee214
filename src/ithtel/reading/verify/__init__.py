"""Verifies that a log is unchanged: sequence numbers, seals and checksums of lines."""
