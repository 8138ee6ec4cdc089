"""The words of every cause: one module for a subject, one function for a cause."""
