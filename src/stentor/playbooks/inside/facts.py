"""Answers a play's gathering of facts with what an earlier run was told, where the policy says for how long.

Only the task that Ansible itself puts in front of a play is answered, and only where it is the same
question: module, arguments, user, connection, interpreter. What is kept of a host is taken away when a run
begins, and written again at its end for hosts on which nothing changed or failed since. So a run that was
killed leaves none.
"""

from __future__ import annotations

import contextlib
import json
import os
import time


def install(job):
    """Have Ansible's ``gather_facts`` ask this memory first; return it."""
    import ansible.plugins.action.gather_facts as plugin
    from ansible.vars.manager import VariableManager

    memory = Memory(job["facts"], job.get("environment") or {})
    base, plain, clear = (
        plugin.ActionModule._execute_module,
        plugin.ActionModule.run,
        VariableManager.clear_facts,
    )

    def execute(self, *args, **options):
        question = memory.question(self, *args, **options)
        found = memory.answer(options["task_vars"]["inventory_hostname"], question) if question else None
        began = time.time()
        self.stentor_facts = {
            "question": question,
            "at": found["at"] if found else began,
            "kept": bool(found),
        }
        if found is None:
            return base(self, *args, **options)
        return {"changed": False, "ansible_facts": found["facts"]}

    def run(self, tmp=None, task_vars=None):
        result = plain(self, tmp, task_vars)
        return {**result, "stentor_facts": getattr(self, "stentor_facts", None)}

    def clear_facts(self, hostname):
        memory.known.pop(hostname, None)
        clear(self, hostname)

    plugin.ActionModule._execute_module = execute
    plugin.ActionModule.run = run
    VariableManager.clear_facts = clear_facts
    return memory


class Memory:
    """What hosts have said of themselves.

    ``said`` has the folder, the time of the oldest answer that is taken, in seconds since 1970, and by host
    the operations since then: each one's word, and when it ended. The words of an answer are those of the
    runs that know it to hold.
    """

    def __init__(self, said, environment):
        self.folder, self.hosts, self.check = said["folder"], said["hosts"], said["check"]
        self.environment = environment
        self.words = sorted(environment.values())
        self.known = {}
        for host, done in self.hosts.items():
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError), open(self.path(host)) as file:
                one = json.load(file)
                if said["since"] <= one["at"] <= time.time() and undone(one, done) and dict(one["facts"]):
                    self.known[host] = one

    def path(self, host):
        """Return where the answer of a host is kept."""
        return os.path.join(self.folder, f"{host}.json")

    def question(self, action, module_name=None, module_args=None, task_vars=None, **options):
        """Return all that decides about an answer, as text; empty for what is not to be remembered."""
        task, play = action._task, action._play_context
        own = [self.environment] if self.environment else []
        if options.get("wrap_async") or task.get_ds() is not None or task.no_log or task.delegate_to:
            return ""
        if [*(task.environment or [])] != own or task_vars is None:
            return ""
        connection = [play.connection, play.remote_addr, play.port, play.remote_user]
        become = [play.become, play.become_method, play.become_user] if play.become else []
        python = [str(task_vars.get(name)) for name in ("ansible_python_interpreter", "stentor_python")]
        from ansible.release import __version__

        return json.dumps([__version__, module_name, module_args, connection, become, python], default=str)

    def answer(self, host, question):
        """Return what a host said to this question; None if that is not known."""
        found = self.known.get(host)
        if found is None or found["question"] != question:
            return None
        facts = dict(found["facts"])
        if "ansible_env" in facts:  # by its mark a process is known as this run's
            facts["ansible_env"] = {**facts["ansible_env"], **self.environment}
        return {**found, "facts": facts}

    def saw(self, host, task, kind, data):
        """Take what came of a task; return the age in seconds of facts that are of an earlier run."""
        said = data.get("stentor_facts")
        if kind == "ok" and said:
            if said["kept"]:
                return time.time() - said["at"]
            if said["question"] and not data.get("failed_modules"):
                facts = {k: v for k, v in data["ansible_facts"].items() if not k.startswith("_ansible")}
                self.known[host] = {"question": said["question"], "at": said["at"], "facts": facts}
        elif kind in ("failed", "unreachable") or data.get("changed"):
            if task.delegate_to:
                self.known.clear()
            self.known.pop(host, None)
        return None

    def begin(self):
        """Take away what is kept: from now on something may change."""
        if self.check:
            return
        for host in self.hosts:
            with contextlib.suppress(OSError):
                os.remove(self.path(host))

    def end(self):
        """Write what still holds."""
        if self.check:
            return
        with contextlib.suppress(OSError):
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
        for host in {*self.known} & {*self.hosts}:
            one = self.known[host]
            one = {**one, "words": [*one.get("words", ()), *self.words]}
            part = f"{self.path(host)}.{os.getpid()}"
            # Not to be had another time: then it is asked again.
            with contextlib.suppress(OSError, TypeError, ValueError):
                with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                    json.dump(one, file)
                os.replace(part, self.path(host))


def undone(answer, done):
    """Whether no operation may have changed the host since it was asked."""
    return all(
        word in answer["words"] or (ended is not None and ended < answer["at"])
        for word, ended in done.items()
    )
