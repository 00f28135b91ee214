"""The statistical examination of a NAV or of features: as a function, and of files with a report."""
