"""Who is put into which role where, by whom, until when; one by one and by list."""
