"""What a call of the program has of its terminal: streams, signals, its end."""
