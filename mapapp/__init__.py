"""A map service for Thailand: people who need help, volunteers and health facilities on one map."""
