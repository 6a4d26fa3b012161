"""What is asked of Ansible, and the words by which it is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple


class Secrets(NamedTuple):
    """What only Ansible may read; handed over on its standard input."""

    become: str | None = None  # the password of ``become``; None to have none
    vault: Mapping[str, str] = {}  # label to password of a vault
    # Variable to what was answered where the playbook asks (``vars_prompt``); from Python any.
    answers: Mapping[str, Any] = {}

    @property
    def values(self) -> tuple[str, ...]:
        """All of them, for the journal to leave out."""
        return tuple(_texts([self.become, *self.vault.values(), *self.answers.values()]))


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        if data:
            yield data
    elif isinstance(data, Mapping):
        yield from _texts([*data.values()])
    elif isinstance(data, (list, tuple)):
        for one in data:
            yield from _texts(one)


class PlaybookRequest(NamedTuple):
    """A playbook, with the options that Ansible has for it."""

    file: str = ""  # its path; empty where one module is run
    extra_vars: tuple[str, ...] = ()  # as of ``-e``: ``NAME=VALUE``, JSON, or ``@FILE``
    tags: tuple[str, ...] = ()  # only tasks with one of these tags
    skip_tags: tuple[str, ...] = ()  # leave tasks with these tags out
    start_at: str = ""  # the name of the first task
    become: bool = False  # as another user, root by default
    become_user: str = ""  # as this user
    forks: int | None = None  # hosts at the same time; None for Ansible's own setting
    diff: bool = False  # show differences of what is changed
    flush_cache: bool = False  # gather facts anew, whatever is kept of earlier runs
    vault_ids: tuple[str, ...] = ()  # where vault passwords are read: ``LABEL@FILE``, or a file
    inventories: tuple[str, ...] = ()  # further inventories, for their groups and variables
    verbose: bool = False  # say of each task what came of it, also where nothing changed
    secrets: Secrets = Secrets()  # what was asked for
    module: str = ""  # the module that is run in place of a playbook
    arguments: str = ""  # for it, as of ``-a``

    @property
    def files(self) -> tuple[str, ...]:
        """The files which Ansible will read, or a folder of them."""
        variables = [text[1:] for text in self.extra_vars if text.startswith("@")]
        vaults = [vault.rpartition("@")[2] for vault in self.vault_ids]
        return tuple(filter(None, (self.file, *self.inventories, *variables, *vaults)))

    def argv(self, inventories: Sequence[str], *, check: bool = False, limit: str = "") -> list[str]:
        """Return the words for ansible-playbook, or for ansible where there is a module.

        Args:
            inventories: paths, the fleet's last: what it says holds.
            check: change nothing, and say what would be changed.
            limit: path of a file with the hosts; empty for all.
        """
        words: list[str] = []
        for path in inventories:
            words += ["-i", path]
        for text in self.extra_vars:
            words += ["-e", text]
        for name, value in self.secrets.answers.items():
            words += ["-e", _json({name: value})]
        for option, texts in (("--tags", self.tags), ("--skip-tags", self.skip_tags)):
            words += [word for text in texts for word in (option, text)]
        for vault in self.vault_ids:
            words += ["--vault-id", vault]
        words += ["--start-at-task", self.start_at] if self.start_at else []
        words += ["--become"] if self.become else []
        words += ["--become-user", self.become_user] if self.become_user else []
        words += ["--forks", str(self.forks)] if self.forks else []
        words += ["--diff"] if self.diff or check else []
        words += ["--flush-cache"] if self.flush_cache and not self.module else []
        words += ["--check"] if check else []
        words += ["--limit", f"@{limit}"] if limit else []
        if self.module:
            words += ["--module-name", self.module, *(["--args", self.arguments] if self.arguments else [])]
        return [*words, "--", "all" if self.module else self.file]


def _json(value: Any) -> str:
    import json

    return json.dumps(value)
