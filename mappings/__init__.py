"""What both products mean by a promotion code, and how each one says it. Pure."""
