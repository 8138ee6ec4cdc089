"""Every stable word: its heading, its cause and the way out, for reports and docs."""
