"""People, sign-in, appointments, and the policy that decides who may do what."""
