"""Why something is as it is, as values: one class for what becomes one sentence."""
