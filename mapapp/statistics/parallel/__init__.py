"""The old form beside this service for a while (letter L2.5): its export is compared with our figures until both
agree."""
