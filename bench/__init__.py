"""Figures of the project, each measured beside its floor in the same run. See README.md in this folder.

The bench itself needs only the standard library; what it measures runs in the checkout's ``.venv``.
"""
