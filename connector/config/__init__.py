"""The configuration: one TOML file, checked once, and the clients that it names."""
