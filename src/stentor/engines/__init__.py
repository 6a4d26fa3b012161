"""How nodes are reached: engines behind the protocol of :mod:`stentor.fanout.engine`, chosen per node."""
