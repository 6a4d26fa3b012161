"""Ansible playbooks as changes: Ansible reads and runs them, over the warm connections of stentor."""
