"""Disclosure control: what of the figures of a Friday everyone may read, so that nothing can be turned into a person.

``docs/disclosure.md`` has the method with its sources and the proof. In short:

- The smallest public areas (tambons) are rounded cell by cell (``rounding``), each with a secret offset that never
  changes. A cell of fewer than ``THRESHOLD`` people is withheld.
- Cells of larger areas are the sums of those rounded cells, or the exact sum rounded in the same way where the areas
  inside it leave enough uncertain (``areas``).
- Totals, shares, differences and everything else are made from these numbers alone (``tables``): they say nothing more.

Pure: numbers in, numbers out; no database, no clock.
"""
