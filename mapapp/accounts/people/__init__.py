"""Accounts, as officers above a person see them, and as the person sees their own."""
