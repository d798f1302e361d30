"""From a folder of returned notebooks to a gradebook and reports."""
