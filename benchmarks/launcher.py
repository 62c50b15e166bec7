"""Run one command and print its wall time in seconds and its peak resident memory in bytes.

Linux carries the peak of whoever starts a program over into the program's own ru_maxrss. So the
benchmarks, which hold hundreds of megabytes, have this small process start what they measure.
"""

import os
import sys
import time

start = time.perf_counter()
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(pid, 0)
seconds = time.perf_counter() - start
# Linux counts ru_maxrss in KiB, macOS in bytes.
print(seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))
sys.exit(os.waitstatus_to_exitcode(status))
