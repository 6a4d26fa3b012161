"""Runs ``ansible-playbook`` and ``ansible`` in Ansible's own Python, and tells stentor what happens.

It is given one line of JSON on standard input: what is to be done, and secrets. So nothing of that is on a
command line, in an environment or in a file. What happens is written to standard output, a line of JSON each;
what Ansible itself would write there is dropped. It imports nothing of stentor.

* ``list``: reads the inventory and the playbooks, and says what they are; nothing is run.
* ``run``: runs a playbook. The callback plugin beside this file says what happens.
* ``module``: runs one module.
"""

from __future__ import annotations

import json
import os
import signal
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


class Events:
    """Where lines for stentor go; a worker that Ansible forks has it as well, and does not use it."""

    def __init__(self):
        # Nobody else who writes to standard output gets between two lines.
        self.out = os.dup(1)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)

    def emit(self, record):
        """Write one record."""
        data = (json.dumps(record, default=str) + "\n").encode("utf-8", "backslashreplace")
        while data:
            data = data[os.write(self.out, data) :]


def main():
    """Read the job and do it."""
    sys.path[:] = [path for path in sys.path if path not in ("", HERE)]
    end_with_parent()
    job = json.loads(read_line(0))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    events = Events()
    try:
        from ansible.release import __version__
    except ImportError as error:
        events.emit({"e": "missing", "text": str(error)})
        return
    events.emit({"e": "ansible", "version": __version__})
    sys.modules["stentor_job"] = Job(job, events)
    if job.get("servers"):
        beside("warm").install(job["servers"], job.get("environment") or {})
    if job.get("facts"):
        sys.modules["stentor_job"].facts = beside("facts").install(job)
    program, name = programs(job, events)
    program.cli_executor([name, *configured(job), *vault(job), *job["argv"]])


def beside(name):
    """Return one of the modules beside this file; not by a path of imports, which is Ansible's here."""
    import importlib.util

    spec = importlib.util.spec_from_file_location(f"stentor_{name}", os.path.join(HERE, f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Job:
    """What the callback plugin finds under the name of a module."""

    def __init__(self, job, events):
        self.environment = job.get("environment") or {}
        self.whole = job.get("whole", False)
        self.emit = events.emit
        self.facts = None


def programs(job, events):
    """Return Ansible's own program for a job, and its name; it says what it has read, or what came of it."""
    from ansible.executor.task_queue_manager import TaskQueueManager
    from ansible.plugins.loader import callback_loader

    class Manager(TaskQueueManager):
        def load_callbacks(self):
            if self._callback_plugins:
                return
            super().load_callbacks()
            # Beside the user's own, which stay as they are configured.
            callback_loader.add_directory(os.path.join(HERE, "callback"))
            plugin = callback_loader.get("stentor_events")
            if hasattr(plugin, "_init_callback_methods"):
                plugin._init_callback_methods()
            plugin.set_options()
            self._callback_plugins.append(plugin)

        def cleanup(self):
            failed, away = sorted(self._failed_hosts), sorted(self._unreachable_hosts)
            events.emit({"e": "end", "failed": failed, "unreachable": away})
            super().cleanup()

    if job["do"] == "module":
        import ansible.cli.adhoc as module

        module.TaskQueueManager = Manager
        return telling(module.AdHocCLI, job, events), "ansible"
    import ansible.cli.playbook as module

    class Executor(module.PlaybookExecutor):
        def run(self):
            done = super().run()
            if job["do"] == "list":
                listing(events, self, done if isinstance(done, list) else [])
            return done

    sys.modules["ansible.executor.playbook_executor"].TaskQueueManager = Manager
    module.PlaybookExecutor = Executor
    return telling(module.PlaybookCLI, job, events), "ansible-playbook"


def telling(program, job, events):
    """Return a program that says its errors to stentor, and is told the password of ``become``."""
    from ansible.errors import AnsibleError

    class Program(program):
        def run(self):
            try:
                return super().run()
            except AnsibleError as error:
                said = {"message": str(error.message), "where": origin(error), "vault": of_vault(error)}
                events.emit({"e": "error", **said})
                raise

    if job.get("become_password") is not None:
        Program.ask_passwords = staticmethod(lambda: (None, job["become_password"]))
    return Program


def configured(job):
    """Return the options for the inventories that the user has configured; the fleet's comes behind them."""
    from ansible import constants

    if not job.get("configured") or not set_by_user("DEFAULT_HOST_LIST"):
        return []
    return [word for path in constants.DEFAULT_HOST_LIST for word in ("-i", path)]


def origin(error):
    """Return where in a file an error of Ansible's is, as far as it says: ``path:line:column``."""
    try:
        from ansible._internal._datatag._tags import Origin

        found = error.obj if isinstance(error.obj, Origin) else Origin.get_tag(error.obj)
    except (ImportError, AttributeError, TypeError):
        return ""
    return str(found) if found is not None and found.path else ""


def of_vault(error):
    """Whether a password of a vault is what lacks."""
    from ansible.parsing.vault import AnsibleVaultError

    while error is not None and not isinstance(error, AnsibleVaultError):
        error = error.__cause__
    return error is not None


def vault(job):
    """Return the options by which Ansible reads vault passwords, each from a pipe of this process's own."""
    words = []
    for label, secret in (job.get("vault") or {}).items():
        read, write = os.pipe()
        os.write(write, secret.encode() + b"\n")
        os.close(write)
        words += ["--vault-id", f"{label}@/dev/fd/{read}"]
    return words


def read_line(descriptor):
    """Read up to the end of the line; whoever writes may keep it open."""
    parts = []
    while not parts or not parts[-1].endswith(b"\n"):
        part = os.read(descriptor, 65536)
        if not part:
            break
        parts.append(part)
    return b"".join(parts)


def end_with_parent():
    """Have the system end this process when stentor ends, however that comes; Linux only.

    And Ansible's workers when this process ends: they have sessions of their own, so that what kills this
    process and its group does not reach them.
    """
    if sys.platform != "linux":
        return
    import ctypes

    def follow():
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG

    follow()
    os.register_at_fork(after_in_child=follow)


# ---- what the inventory and the playbooks are ----


def listing(events, executor, entries):
    """Say what was read."""
    from ansible import constants
    from ansible.module_utils import basic
    from ansible.release import __version__

    inventory, variables = executor._inventory, executor._variable_manager
    hosts = [host.name for host in inventory.get_hosts("all")]
    tasks, plays = [], []
    dynamic = names_user = False
    for entry in entries:
        for play in entry["plays"]:
            found, more, moved, named = tasks_of(play)
            tasks += more
            dynamic = dynamic or moved
            names_user = names_user or named
            plays.append(play_of(play, inventory, found))
    events.emit(
        {
            "e": "listing",
            "version": __version__,
            "least_python": list(getattr(basic, "_PY_MIN", (3, 8))),
            "fallback": list(constants.config.get_config_value("INTERPRETER_PYTHON_FALLBACK")),
            "configured": [name for name in SETTINGS if set_by_user(name)],
            "become_asks": bool(constants.DEFAULT_BECOME_ASK_PASS),
            "hosts": hosts,
            "groups": {name: [h.name for h in group.get_hosts()] for name, group in inventory.groups.items()},
            "pythons": {name: text for name in hosts if (text := python_of(inventory, variables, name))},
            "plays": plays,
            "tasks": tasks,
            "dynamic": dynamic,
            "names_user": names_user,
        }
    )


SETTINGS = ("INTERPRETER_PYTHON", "ANSIBLE_PIPELINING")


def set_by_user(name):
    """Whether the user's configuration or environment says it."""
    from ansible import constants

    return constants.config.get_config_value_and_origin(name)[1] != "default"


def python_of(inventory, variables, name):
    """Return the interpreter that the user's own variables give a host."""
    host = inventory.get_host(name)
    found = variables.get_vars(host=host, include_hostvars=False)
    return str(found.get("ansible_python_interpreter") or "")


def play_of(play, inventory, tasks):
    """Say what a play is."""
    pattern = play.hosts
    matched = [host.name for host in inventory.get_hosts(pattern)]
    prompts = [prompt for prompt in play.vars_prompt or [] if isinstance(prompt, dict)]
    return {
        "name": str(play.get_name()),
        "pattern": pattern if isinstance(pattern, str) else ",".join(map(str, pattern)),
        "place": play.get_path() or "",
        "matched": matched,
        "serial": [str(one) for one in play.serial or []],
        "tasks": tasks,
        "prompts": [
            {
                "name": str(one.get("name")),
                "text": str(one.get("prompt") or one.get("name")),
                "private": str(one.get("private", True)).lower() not in ("no", "false", "0"),
                "default": one.get("default"),
            }
            for one in prompts
        ],
    }


_MOVING = ("add_host", "group_by")


def tasks_of(play):
    """Return how many tasks a play has, what they and its handlers are given, and what they do besides.

    That is: whether they make hosts or groups, and whether a user to log in as is named.
    """
    count, given, moving, named = 0, [], False, bool(play.remote_user)
    tasks = [(task, 1) for block in play.compile() for task in flat(block)]
    handlers = [*play.handlers, *play.compile_roles_handlers()]
    tasks += [(task, 0) for block in handlers for task in flat(block)]
    for task, counts in tasks:
        short = str(task.action).removeprefix("ansible.builtin.").removeprefix("ansible.legacy.")
        if short == "meta":
            continue
        count += counts
        moving = moving or short in _MOVING
        named = named or bool(task.remote_user)
        given.append({"place": task.get_path() or "", "module": short, "arguments": plain(task.args or {})})
    return count, given, moving, named


def plain(args):
    """Return arguments as JSON can hold them."""
    return {
        str(name): value if isinstance(value, (bool, list)) else str(value) for name, value in args.items()
    }


def flat(block):
    """Yield the tasks of a block and of the blocks in it."""
    for part in (block.block, block.rescue, block.always):
        for one in part:
            if hasattr(one, "block"):
                yield from flat(one)
            else:
                yield one


if __name__ == "__main__":
    main()
