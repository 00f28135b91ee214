"""The only code that reads logs. `lines` turns files into records; the other rooms make answers of records."""
