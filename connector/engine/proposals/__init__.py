"""What a decision of the table means for one record, and what it needs."""
