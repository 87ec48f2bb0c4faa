"""Provinces, amphoe and tambon: boundaries, names, codes, population; lookup by point, code and name."""
