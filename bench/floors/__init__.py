"""Floors: the barest program that does the job of what is measured, without the simulator."""
