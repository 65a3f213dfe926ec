"""What `generate.py` reads in the core's source, and a writer for each form that it writes."""
