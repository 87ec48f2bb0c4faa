"""Keys for programs, made by officers."""
