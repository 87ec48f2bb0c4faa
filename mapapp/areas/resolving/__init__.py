"""From what people type to a place: one rule for every form, list and address that takes one."""
