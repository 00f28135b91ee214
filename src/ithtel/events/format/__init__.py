"""The format of a log file: the envelope of a line, decoding, seals, file names, compression.

Nothing enters but what the writing and the reading side must agree on; the events themselves stand one room up.
"""
