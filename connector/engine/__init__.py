"""The decisions, and nothing else: no network, no clock, no database."""
