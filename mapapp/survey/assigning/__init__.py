"""Which village is whose: assignments of villages to data volunteers."""
