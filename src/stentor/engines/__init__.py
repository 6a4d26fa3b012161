"""How nodes are reached: engines behind the protocol of :mod:`stentor.fanout.engine`, chosen per node.

``run`` has the table of engines, ``reach`` what every fan-out needs of a fleet. ``openssh`` goes over
masters: ``dialogue`` decides what happens to a command, ``command`` carries it out, ``ending`` ends its
processes. ``local`` is this machine, ``tree`` goes through gateways.
"""
