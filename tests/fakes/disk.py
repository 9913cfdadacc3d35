"""A disk that is full."""

import resource
from contextlib import contextmanager


@contextmanager
def full_disk(left=0):
    """Meanwhile no file of this process can grow beyond `left` bytes. (What the system says is EFBIG in place of ENOSPC.)"""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (left, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
