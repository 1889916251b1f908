"""Errors of the host tool.

::

    ToolkitError
     +-- UsageError (ValueError)   you called it wrong; exit code 2
     +-- CacheError                a file of ours cannot be used; exit code 1
     +-- LinkError                 the other side failed; exit code 1
          +-- CannotConnect        nothing there, or it refuses
          +-- NoAnswer             it is there but silent beyond the limit
          +-- ClosedEarly          it closed the connection while we had something to ask
          +-- NodeBusy             its sessions are all taken
          +-- AuthFailed           it wants a (another) password
          +-- WrongDevice          something else answers at the address of the device that was asked for

The text of each is one line for a person: what was asked, what came back, how long we waited.
"""

from __future__ import annotations


class ToolkitError(Exception):
    """Base of what the host tool raises at its users."""

    exit_code = 1


class UsageError(ToolkitError, ValueError):
    """The call or the command line is wrong; the text names what."""

    exit_code = 2


class CacheError(ToolkitError):
    """A file in the user's directory cannot be read or written."""


class LinkError(ToolkitError):
    """The other side of a link failed."""


class CannotConnect(LinkError):
    """Nothing listens at the address, or it cannot be found."""


class NoAnswer(LinkError):
    """The other side did not answer within the limit."""


class ClosedEarly(LinkError):
    """The other side closed the link while something was to be asked or answered."""


class NodeBusy(LinkError):
    """The node takes no further session now."""


class AuthFailed(LinkError):
    """The node wants a password: none was given, or the wrong one."""


class WrongDevice(LinkError):
    """Another device answers at the address of the one that was asked for."""
