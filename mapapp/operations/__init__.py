"""For system operators: check of the installation, demo data, readiness, and the state of supervision and
translations."""
