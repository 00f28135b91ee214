"""What ran, cell by cell, put together from the records of one session: the values, and how they are built."""
