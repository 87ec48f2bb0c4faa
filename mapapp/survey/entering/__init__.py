"""Recording households and villages: form, API, and the one service behind both."""
