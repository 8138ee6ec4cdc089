"""What each command does; connector/calls says how it is called."""
