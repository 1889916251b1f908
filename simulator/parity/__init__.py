"""Parity: the same scenario on both engines, and every difference between them in a reviewed ledger."""
