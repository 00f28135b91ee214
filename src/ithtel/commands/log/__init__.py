"""Verbs that read a log: diff, lineage, doctor, ledger, attribute, timeline, verify, tail."""
