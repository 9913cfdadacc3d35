"""The questions around the steps: consent before them; the summary, and what to correct in it, after them."""
