"""Reads log files: finds the files of a log, decodes their lines into records, and makes tables of records."""
