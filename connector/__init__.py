"""The work: read both sides, decide, apply; and the commands around it."""
