"""Four modules decide together on the status of a cell, which is tested as a whole by sequences of runs and edits."""

TESTED_BY = {
    "flow": "tests/reading/cells/test_cells.py",
    "nondeterminism": "tests/reading/cells/test_cells.py",
    "page": "tests/reading/cells/test_cells.py",
    "values": "tests/reading/cells/test_cells.py",
}
