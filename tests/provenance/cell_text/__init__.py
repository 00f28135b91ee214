"""Four modules make one walk through a cell, which is tested as a whole by `cell_names`, against CPython."""

TESTED_BY = {
    "bindings": "tests/provenance/cell_text/test_dataflow.py",
    "branches": "tests/provenance/cell_text/test_dataflow.py",
    "nameflow": "tests/provenance/cell_text/test_dataflow.py",
    "visitor": "tests/provenance/cell_text/test_dataflow.py",
}
