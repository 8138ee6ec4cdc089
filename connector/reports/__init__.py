"""One plan or run, in a form that somebody wants to read. Pure."""
