"""What cells read, write and ask outside of the kernel: files, hosts, programs, databases, people."""
