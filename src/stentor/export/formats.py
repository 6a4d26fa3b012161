"""The table of formats that ``stentor export`` can write: one module each, imported when it is asked for."""

from __future__ import annotations

from stentor.typed import NamedTuple


class Format(NamedTuple):
    """A line of the table."""

    summary: str  # what is written, for the help
    module: str  # the module in this package whose ``make(view)`` returns a ``stentor.export.view.Made``
    # How a comment begins and ends in such a file; empty where the format has none, and what is outside of
    # our part can then not be kept.
    comment: tuple[str, str] = ("# ", "")
    # What it needs beside the fleet file: ``facts``, ``ssh`` (what ssh_config says), ``sites``, ``local``
    # (the machine on which the file is), ``members`` (what a node is to be).
    uses: tuple[str, ...] = ()


FORMATS: dict[str, Format] = {
    "ansible": Format(
        "an inventory in YAML, as a program, or a plugin", "ansible", uses=("facts", "ssh", "local")
    ),
    "clustershell": Format("groups for clush and nodeset, or a source that asks stentor", "clustershell"),
    "ssh": Format("a file to Include in ssh_config", "ssh_config"),
    "hosts": Format("lines for /etc/hosts", "hosts"),
    "genders": Format("a genders file, for nodeattr and pdsh -g", "genders"),
    "pdsh": Format("a list of nodes for pdsh -w ^FILE; into a folder, a list a group for dsh", "dsh"),
    "make": Format("a Makefile with targets for nodes and groups", "make", uses=("local",)),
    "chezmoi": Format("data for templates of chezmoi", "chezmoi"),
    "prometheus": Format("targets for file_sd_configs", "prometheus"),
    "cloud-init": Format(
        "user-data that sets a machine up as a node at its first boot", "cloud_init", uses=("members",)
    ),
    "caddy": Format("web names as sites of a Caddyfile", "caddy", uses=("sites",)),
    "dnsmasq": Format("names of nodes and services for dnsmasq", "dnsmasq", uses=("sites",)),
    "pihole": Format("a program that gives Pi-hole 6 the same names", "pihole", uses=("sites",)),
    "json": Format("all that the fleet file says, as JSON", "plain_json", ("", ""), ("facts",)),
    "csv": Format("a table for spreadsheets", "plain_csv", ("", "")),
    "markdown": Format("a table for documents", "markdown", ("<!-- ", " -->")),
    "tmux": Format("a snippet of tmux.conf which needs no stentor", "tmux", uses=("local",)),
}
"""Name of a format to its line, in the order of the help."""
