"""One figure for each area and measure, kept as rooms change: live for officers, on Fridays for everyone."""
