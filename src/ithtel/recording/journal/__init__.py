"""The lines of one session on their way to the file: numbering, seals, and what is kept while the disk refuses."""
