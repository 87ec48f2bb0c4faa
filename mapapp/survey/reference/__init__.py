"""Official vaccination figures from outside, by province and day: shown beside the survey's, never mixed with them."""
