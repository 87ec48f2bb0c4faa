"""Values and rules without database and web: errors, actors, clock, settings, secrets, fields."""
