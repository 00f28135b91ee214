"""Log files on disk: appending, locks, rotation, compression, retention, and the object store."""
