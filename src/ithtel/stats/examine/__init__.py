"""The examination: every test of `ithtel.stats` that applies to a NAV or to a table of features, in order."""
