"""One endpoint: how far it is reached, the master that stays logged in to it, the sessions over that.

``reactor`` is the only place that waits. ``connect`` and ``reach`` find how far an endpoint is reached,
without a login. ``target`` is what ssh makes of a node, ``identity`` the name of its master's socket,
``rundir`` the folder of these. ``login_queue`` logs in, ``diagnose`` says why it could not; ``mux`` is the
protocol of a master, ``session`` a command over it, ``marker`` the first line that tells the command from
its login shell. ``hostkeys`` is known_hosts.
"""
