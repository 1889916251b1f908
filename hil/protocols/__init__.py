"""Contracts that drivers fulfil. They import nothing of the rig."""

from hil.protocols.board import ConsoleProtocol, PowerProtocol, ShellProtocol

__all__ = ["ConsoleProtocol", "PowerProtocol", "ShellProtocol"]
