"""What does things on resources. One file per rung; only ``simulated.py`` knows the simulator."""
