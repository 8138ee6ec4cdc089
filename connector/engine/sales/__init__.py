"""Redemptions: how both sides stand, and what may be pushed to the other one."""
