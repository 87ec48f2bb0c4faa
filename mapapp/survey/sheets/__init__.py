"""The survey on paper, in workbooks and in other tools; and back in."""
