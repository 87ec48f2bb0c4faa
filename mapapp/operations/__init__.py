"""For who runs the service: what is wrong, demo data, whether it answers, what starts it anew."""
