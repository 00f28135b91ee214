"""HTTP exchanges as they are kept: without credentials, and recognised when a cell asks again."""
