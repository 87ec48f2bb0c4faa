"""What waits for somebody's decision: two records of one household, and what came late."""
