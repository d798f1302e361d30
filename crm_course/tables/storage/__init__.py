"""The files of a store folder, read and written with the types that the schemas promise."""
