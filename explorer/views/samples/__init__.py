"""The page Samples: `page.py` is the script, the other files are what it can show."""
