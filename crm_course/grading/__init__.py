"""From submissions to marks and reports."""
