"""The folder that a program finds first on its path while it is sampled from within."""
