"""Wires: boards' pins, the nets that join them, what drives a net and what it reads."""
