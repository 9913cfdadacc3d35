"""`make bench`: everything that is measured, one after the other."""

import runpy
import sys

sys.argv = sys.argv[:1]
for name in ("bench.understanding", "bench.messages"):
    runpy.run_module(name, run_name="__main__")
