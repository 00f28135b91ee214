"""What a Python program finds first on its path while it is sampled from within."""
