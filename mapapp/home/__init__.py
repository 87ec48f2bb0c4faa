"""The first page, what data is loaded, and the documentation of the API."""
