"""Values and rules that know no database and no web: errors, actors, clock, settings, secrets, fields."""
