"""Tests of the examination; `Examiner` is tested through `ithtel.examine`, which only records what it does."""

TESTED_BY = {"examination": "tests/commands/examine/test_examine.py"}
