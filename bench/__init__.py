"""Stentor beside its peers: whole processes, in one run, as ratios (``make bench``)."""
