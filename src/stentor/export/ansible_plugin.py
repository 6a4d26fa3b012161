"""Inventory plugin for Ansible: the fleet, read from stentor each time, or from Ansible's cache.

Written by ``stentor export ansible --plugin``; it imports nothing of stentor.
"""

from __future__ import annotations

DOCUMENTATION = """
name: stentor
short_description: the fleet of stentor as an inventory
description:
  - Asks C(stentor export ansible --list) for nodes, groups, variables and facts.
  - The file that uses it ends with C(stentor.yml) or C(stentor.yaml).
extends_documentation_fragment:
  - constructed
  - inventory_cache
options:
  plugin:
    description: says that the file is for this plugin
    required: true
    choices: [stentor]
  fleet:
    description: the fleet directory; without it stentor looks for it as usual
    type: str
  selector:
    description: which nodes
    type: str
    default: "@all"
  program:
    description: how stentor is called
    type: str
    default: stentor
  timeout:
    description: seconds that stentor may take
    type: int
    default: 60
"""

EXAMPLES = """
plugin: stentor
fleet: ~/fleet
cache: true
cache_plugin: jsonfile
cache_connection: ~/.cache/ansible-stentor
keyed_groups:
  - {prefix: role, key: stentor_role}
  - {prefix: arch, key: stentor_arch}
  - {prefix: os, key: stentor_facts.os}
compose:
  cores: stentor_facts.cpus
"""

import contextlib
import json
import os
import subprocess

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var

try:  # ansible-core 2.19 and later take only marked texts of an inventory for templates
    from ansible.template import trust_as_template
except ImportError:

    def trust_as_template(value):
        """Return the value: here every text may be a template."""
        return value


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """The plugin."""

    NAME = "stentor"

    def verify_file(self, path):
        """Whether the file is for this plugin."""
        return super().verify_file(path) and path.endswith(("stentor.yml", "stentor.yaml"))

    def parse(self, inventory, loader, path, cache=True):
        """Fill the inventory."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        key = self.get_cache_key(path)
        known = self.get_option("cache") and cache
        text = None
        if known:
            with contextlib.suppress(KeyError):
                text = self._cache[key]
        if text is None:
            text = self._ask()
            if self.get_option("cache"):
                self._cache[key] = text
        self._fill(json.loads(text))

    def _ask(self):
        """Run stentor and return what it printed."""
        words = [os.path.expanduser(self.get_option("program"))]
        if self.get_option("fleet"):
            words += ["--fleet", os.path.expanduser(self.get_option("fleet"))]
        words += ["export", "ansible", "--list", "--", self.get_option("selector")]
        try:
            done = subprocess.run(
                words, capture_output=True, text=True, timeout=self.get_option("timeout"), check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise AnsibleParserError(f"stentor: {error}") from error
        if done.returncode != 0:
            raise AnsibleParserError(done.stderr.strip() or f"stentor: exit code {done.returncode}")
        return done.stdout

    def _fill(self, said):
        strict = self.get_option("strict")
        hostvars = said.pop("_meta")["hostvars"]
        for host, variables in hostvars.items():
            self.inventory.add_host(host)
            for name, value in variables.items():
                self.inventory.set_variable(host, name, _value(value))
        for group, content in said.items():
            self.inventory.add_group(group)
            for host in content.get("hosts", ()):
                self.inventory.add_child(group, host)
        for host in hostvars:
            own = self.inventory.get_host(host).get_vars()
            self._set_composite_vars(self.get_option("compose"), own, host, strict=strict)
            self._add_host_to_composed_groups(self.get_option("groups"), own, host, strict=strict)
            self._add_host_to_keyed_groups(self.get_option("keyed_groups"), own, host, strict=strict)


def _value(data):
    """Texts of the fleet file may be templates; what a node said of itself never is."""
    if isinstance(data, dict):
        if set(data) == {"__ansible_unsafe"}:
            return wrap_var(data["__ansible_unsafe"])
        return {name: _value(inner) for name, inner in data.items()}
    if isinstance(data, list):
        return [_value(inner) for inner in data]
    return trust_as_template(data) if isinstance(data, str) else data
