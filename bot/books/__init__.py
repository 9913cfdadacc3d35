"""Books: tables of up to a hundred reports, read in from admins' files, and written out for the national system's own form."""
