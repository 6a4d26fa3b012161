"""Many nodes at once: window, deadlines, retries, events; engines behind one protocol.

``task`` is what is asked, ``run`` the loop over all nodes, ``node_run`` one node's part of it, ``engine``
the protocol, ``events`` what comes out, ``collect`` makes results of them, ``cancellation`` ends it.
Standard input: ``given`` keeps what can be read once, ``feed`` sends one stream to all, ``pour`` a file at
the node's pace, ``prelude`` secrets before it.
"""
