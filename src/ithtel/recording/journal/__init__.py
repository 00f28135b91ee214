"""The lines of one session on their way to the file: numbers, seals, and a backlog for when the disk refuses them."""
