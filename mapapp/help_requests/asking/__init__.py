"""Asking for help: the one form, who has asked the same already, and how often one may."""
