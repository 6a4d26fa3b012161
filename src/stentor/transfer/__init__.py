"""Files to nodes and from them, over the warm connections: a stream in, checksums, an atomic end.

``plan`` decides what is sent to whom, ``source`` reads what is here, ``remote`` has the commands for nodes,
``copying`` and ``fetching`` do it, ``change`` makes changes of them for an operation.
"""
