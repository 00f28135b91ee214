"""The report of an examination: one HTML page with drawings that loads nothing from elsewhere."""
