"""The measures of the rooms below, one module each."""
