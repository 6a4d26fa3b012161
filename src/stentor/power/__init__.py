"""Machines on and off: ``stentor wake``, ``stentor reboot`` and ``stentor shutdown``."""
