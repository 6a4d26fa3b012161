"""Engine ``clustershell``: nodes behind gateways, through ClusterShell's tree.

``routes`` decides which nodes go through which gateway, ``leaf`` has what is sent and how answers are read,
``process`` is the program that imports ClusterShell and ``channel`` our end of it; ``engine`` is what the
fan-out sees, with a ``gate`` for each gateway and a ``command`` for each node.
"""
