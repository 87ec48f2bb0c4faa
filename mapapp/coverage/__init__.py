"""What reaches whom: metrics by area and kind, kept current pin by pin."""
