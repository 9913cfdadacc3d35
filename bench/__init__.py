"""What is measured, beside floors and peers, in one run: `make bench`."""
