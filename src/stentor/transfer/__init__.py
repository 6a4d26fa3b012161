"""Files to nodes and from them: ``stentor copy`` and ``stentor fetch``.

What is sent is decided by pure functions (``plan``); archives go over the warm connections as a fan-out's
standard input, and the node's side is a POSIX shell script.
"""
