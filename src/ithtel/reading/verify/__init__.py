"""Whether a log is as it was written: seals, per-line checksums and their chains."""
