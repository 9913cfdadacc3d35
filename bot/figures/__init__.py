"""What the desk's numbers are made of: counted by the day, from the reports, redirects and drafts of that day, as often as it takes."""
