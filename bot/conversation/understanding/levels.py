"""The levels of administrative areas, as the length of their codes: `32`, `32.01`, `32.01.24`, `32.01.24.2012`."""

PROVINCE, REGENCY, DISTRICT, VILLAGE = 2, 5, 8, 13
LEVELS = (PROVINCE, REGENCY, DISTRICT, VILLAGE)
