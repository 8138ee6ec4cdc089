"""The two products over HTTP, behind one protocol."""
