"""People, sign-in, appointments, and the one policy that decides who may do what."""
