"""Record the calls of `scipy.stats` that the user's own code makes."""
