"""The simulator at /try: three phones, an officer's desk and a clock, for agencies to practise with. Simulated addresses only."""
