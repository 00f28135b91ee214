"""NAV series from files, tables and the built-in data sets."""
