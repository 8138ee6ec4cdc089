"""How each command is called: a module a group, and the help that a person reads."""
