"""What must not reach the disk: redaction of secrets, and private sessions."""
