"""Methods: tables in, tables out. Nothing here knows the truth behind a synthetic store."""
