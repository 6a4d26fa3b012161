"""Ansible playbooks as changes: Ansible reads and runs them, over the warm connections of stentor.

``prepare`` has a playbook read, ``listing`` is what came of that, ``change`` runs it, ``hosts`` makes
events of what Ansible says; the files of ``inside`` run in Ansible's own Python.
"""
