"""Callback plugin: what happens on each host, as lines of JSON for stentor; see ``driver.py``.

Ansible gives a plugin results without what ``no_log`` hides. The name of such a task is taken as it is in the
file: filled in, it may hold what must not be seen.
"""

from __future__ import annotations

DOCUMENTATION = """
name: stentor_events
type: notification
short_description: tells stentor what happens
description: Writes a line of JSON for each thing that happens.
"""

import sys

from ansible.plugins.callback import CallbackBase

_SKIPPED = ("skip_reason", "false_condition", "skipped_reason")


class CallbackModule(CallbackBase):
    """The plugin."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "stentor_events"
    CALLBACK_NEEDS_ENABLED = False

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.job = sys.modules["stentor_job"]
        self.started = set()
        self.failures = {}

    # -- what is begun ---------------------------------------------------------------------------

    def v2_playbook_on_start(self, playbook):
        """Mark the processes that the playbook starts on nodes."""
        if self.job.facts:
            self.job.facts.begin()
        if self.job.environment:
            for play in playbook.get_plays():
                play.environment = [dict(self.job.environment), *(play.environment or [])]

    def v2_playbook_on_play_start(self, play):
        """A play begins, or one batch of it."""
        inventory = play.get_variable_manager()._inventory
        hosts = [host.name for host in inventory.get_hosts(play.hosts)]
        self.job.emit(
            {"e": "play", "name": str(play.get_name()), "place": play.get_path() or "", "hosts": hosts}
        )

    def v2_runner_on_start(self, host, task):
        """A task begins on a host."""
        if host.name not in self.started:
            self.started.add(host.name)
            self.job.emit({"e": "start", "h": host.name})
        self.job.emit({"e": "task", "h": host.name, "name": _name(task)})

    # -- what came of it -------------------------------------------------------------------------

    def v2_runner_on_ok(self, result):
        """A task is done."""
        self._tell("ok", result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        """A task failed."""
        self._tell("failed", result, ignored=bool(ignore_errors))

    def v2_runner_on_skipped(self, result):
        """A task was left out."""
        self._tell("skipped", result)

    def v2_runner_on_unreachable(self, result):
        """A host is gone."""
        self._tell("unreachable", result)

    def v2_runner_item_on_failed(self, result):
        """One item of a loop failed: what it says is what the loop's end does not say."""
        data = _result(result)
        label = data.get("_ansible_item_label", data.get("item", ""))
        said = f"{label}: {_message(data)}" if label != "" and "censored" not in data else _message(data)
        self.failures[_host(result).name, _task(result)._uuid] = said

    def v2_runner_retry(self, result):
        """A task is tried again."""
        data = _result(result)
        text = f"{_name(_task(result))}: try {data.get('attempts')} of {data.get('retries')} failed"
        self.job.emit({"e": "notice", "h": _host(result).name, "text": text})

    def v2_on_file_diff(self, result):
        """What a task changed, or would change."""
        data = _result(result)
        for one in data.get("results") or [data]:
            found = one.get("diff") if isinstance(one, dict) else None
            if found and (one.get("changed") or data.get("changed")):
                diffs = found if isinstance(found, list) else [found]
                kept = [{k: _text(v) for k, v in d.items()} for d in diffs if isinstance(d, dict)]
                self.job.emit({"e": "diff", "h": _host(result).name, "diffs": kept})

    def v2_playbook_on_stats(self, stats):
        """The end: the counts of each host."""
        hosts = {host: stats.summarize(host) for host in stats.processed}
        self.job.emit({"e": "stats", "hosts": hosts})
        if self.job.facts:
            self.job.facts.end()

    def _tell(self, kind, result, *, ignored=False):
        data, task, host = _result(result), _task(result), _host(result).name
        if self.job.facts and (age := self.job.facts.saw(host, task, kind, data)) is not None:
            self.job.emit({"e": "facts", "h": host, "age": age})
        record = {"e": "result", "h": host, "kind": kind, "name": _name(task), "place": task.get_path() or ""}
        record["changed"] = bool(data.get("changed"))
        item = self.failures.pop((host, task._uuid), "")
        if kind in ("failed", "unreachable"):
            record |= {"message": item or _message(data), "ignored": ignored, "code": data.get("rc")}
        elif kind == "skipped":
            record["unchecked"] = _unchecked(data)
        if self.job.whole:
            record["result"] = {k: v for k, v in data.items() if not str(k).startswith("_ansible")}
        self.job.emit(record)


def _result(result):
    return getattr(result, "result", None) or result._result


def _task(result):
    return getattr(result, "task", None) or result._task


def _host(result):
    return getattr(result, "host", None) or result._host


def _name(task):
    """The task's name; of one with ``no_log`` as it stands in the file."""
    if task.no_log:
        written = task.get_ds()
        name = written.get("name") if isinstance(written, dict) else ""
        return str(name or task.action)
    return str(task.get_name())


def _message(data):
    """Why it failed, in a line or some."""
    if "censored" in data:
        return "no_log hides what it said"
    for key in ("msg", "module_stderr", "stderr", "module_stdout", "stdout", "exception"):
        text = data.get(key)
        if text:
            more = str(data.get("stderr") or "").strip() if key == "msg" and data.get("rc") else ""
            return "\n".join(
                filter(None, [str(text).strip(), more if f"\n{more}" not in f"\n{text}" else ""])
            )
    return "it does not say why"


def _unchecked(data):
    """Say why check mode cannot look at a task; nothing where it was left out for another reason."""
    if "censored" in data:
        return "left out, and no_log hides why"
    for one in data.get("results") or [data]:
        if isinstance(one, dict) and not any(key in one for key in _SKIPPED):
            return str(one.get("msg") or "")
    return ""


def _text(value):
    return value if isinstance(value, (str, type(None))) else str(value)
