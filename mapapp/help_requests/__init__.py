"""Help requests: sent by residents, claimed by volunteers for a limited time, watched by officers until they are
done."""
