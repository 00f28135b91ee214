"""Adapters and columns have no meaning alone: they are tested as fingerprints of what each library holds."""

TESTED_BY = {
    "columns": "tests/provenance/fp1/test_arrays.py",
    "derived": "tests/provenance/fp1/test_tables.py",
    "of_arrow": "tests/provenance/fp1/test_tables.py",
    "of_numpy": "tests/provenance/fp1/test_objects.py",
    "of_pandas": "tests/provenance/fp1/test_tables.py",
    "of_polars": "tests/provenance/fp1/test_tables.py",
    "of_scipy": "tests/provenance/fp1/test_tables.py",
    "stand_ins": "tests/provenance/fp1/test_state.py",
    "values": "tests/provenance/fp1/test_objects.py",
}
