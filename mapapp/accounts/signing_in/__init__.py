"""Sign-in: names, passwords, second factor, invitations, sessions, and the limits on guessing."""
