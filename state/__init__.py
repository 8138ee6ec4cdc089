"""What we remember between runs: the only place with a database."""
