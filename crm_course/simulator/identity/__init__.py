"""Persons, the records they leave in each channel, how the shop links them, and who looks at them.

Nothing is imported here: a scenario holds the settings of this package, whose other modules stand on the scenario.
"""
