"""The IPython extension: cells become events, magics for what a researcher wants at hand."""
