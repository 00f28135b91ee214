"""One test file loads pickles that name the moved modules."""

TESTED_BY = {
    "detection": "tests/commands/older/test_moved.py",
    "outcome": "tests/commands/older/test_moved.py",
    "series": "tests/commands/older/test_moved.py",
    "several": "tests/commands/older/test_moved.py",
}
