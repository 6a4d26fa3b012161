"""The screen of ``stentor top``."""
