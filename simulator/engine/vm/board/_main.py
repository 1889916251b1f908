import gc
gc.threshold(1024)      # so that loading the shadows leaves no holes in the heap
import _boot
_boot.start(globals())
