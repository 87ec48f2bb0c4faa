"""Help requests: asked by residents, claimed by volunteers for a time, watched by officers until done."""
