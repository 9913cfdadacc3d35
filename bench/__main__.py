"""`make bench`: what is measured, beside floors, in one run."""

import runpy

runpy.run_module("bench.understanding", run_name="__main__")
