"""Second file that MicroPython runs: hand over to the loader."""

import micrOSloader

micrOSloader.main()
