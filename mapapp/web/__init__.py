"""Web tools that the pages and API answers of every room need; nothing here belongs to one room."""
