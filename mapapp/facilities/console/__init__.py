"""The officers' console: the table of an area, what is to be checked, many pins at once, files of what is seen."""
