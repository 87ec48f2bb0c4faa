"""Fridays: the figures of all areas as they were at that moment, what of them everyone may read, and the chain that
shows that neither was changed since."""
