"""The IPython extension: it records cells as events and provides the magics."""
