"""Run a command on many hosts by parallel-ssh: user port key window command host..."""

import sys

from pssh.clients import ParallelSSHClient

user, port, key, window, command, *hosts = sys.argv[1:]
client = ParallelSSHClient(
    hosts, user=user, port=int(port), pkey=key, pool_size=int(window), allow_agent=False
)
for output in client.run_command(command):
    for line in output.stdout:
        print(f"{output.host}: {line}")
