"""The desk: the pages on which people look at the pairs, and decide."""
