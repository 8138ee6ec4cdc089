"""One run: hold the pair, read, decide, apply, record; and every kind of write."""
