"""Which MicroPython this is: the one place for its version.

Source: the release tag v1.28.0; ports/esp32/modos.c, py/modsys.c, py/persistentcode.h (bytecode v6.3, xtensawin).
"""

from __future__ import annotations

#: ``os.uname().release``
RELEASE = "1.28.0"
#: ``sys.implementation.version``
VERSION_INFO = (1, 28, 0, "")
VERSION_DATE = "2026-04-06"
#: ``os.uname().version``
VERSION = f"v{RELEASE} on {VERSION_DATE}"
#: ``sys.version``: the Python language version it implements, then itself.
SYS_VERSION = f"3.4.0; MicroPython {VERSION}"
#: ``sys.implementation._mpy``: version 6, sub-version 3 << 8, xtensawin (10) << 10.
MPY = 6 | 3 << 8 | 10 << 10
#: ``os.uname().sysname`` and ``nodename``
SYSNAME = "esp32"
