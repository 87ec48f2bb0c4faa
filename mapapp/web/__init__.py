"""The edge kit: what every page and API answer of every room needs, and no room's business."""
