"""Verifies that a log is unchanged: sequence numbers, seals and checksums of lines."""

from ithtel.reading.verify.verify import verify_files as verify_files
