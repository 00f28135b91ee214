"""From the bytes of log files to records: which files a log consists of, their lines, and the tables made of them."""
