"""Many pairs on one PostgreSQL: workers that share them by a queue."""
