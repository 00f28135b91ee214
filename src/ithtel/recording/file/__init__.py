"""Log files on disk: locks, appending, rotation, compression, retention, and the object store."""
