"""Lists in and out: tables that people fill in, workbooks for them, coordinates as they write them."""
