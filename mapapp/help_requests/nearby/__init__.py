"""Requests nearby: the volunteers' list, the public cells, and their live updates."""
