"""``stentor migrate``: the phases of a migration, and the checks of each."""

from __future__ import annotations

import argparse
import os
import time
from functools import partial
from typing import TYPE_CHECKING

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.guarding import add_guard, confirm_by
from stentor.cli.selector import one
from stentor.errors import Refused, UsageError

if TYPE_CHECKING:
    from stentor import api
    from stentor.operation.guarding import Confirm
    from stentor.outcome import Outcome
    from stentor.probe.migration import Phase
    from stentor.render.json_fields import Shape

EXAMPLES = """
stentor migrate                 which nodes are in which phase, and which are left
stentor migrate check           run the checks on the nodes of the current phase
stentor migrate check drtr      run them on one node
stentor migrate done drtr       run them; if they pass, mark the node as migrated in nodes.yaml
"""


def configure(parser: Parser) -> None:
    add = parser.add_argument
    add("verb", nargs="?", choices=["status", "check", "done"], default="status", help="default: status")
    add("selector", nargs="?", metavar="SELECTOR", help="for check and done: which nodes")
    add("-n", "--dry-run", action="store_true", help="with done: show the change, write nothing")
    add_guard(parser)
    add("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    from stentor.probe import migration

    fleet = context.fleet(arguments.fleet)
    found = migration.phases(fleet.data)
    if not found:
        raise UsageError("no node has a phase", hint="to set one: stentor node edit crtr phase=1")
    if arguments.verb == "status":
        return _status(arguments, context, found)
    if arguments.verb == "check":
        return _check(arguments, context, fleet, found)
    return _done(arguments, context, fleet, found)


def _status(arguments: argparse.Namespace, context: Context, found: list[Phase]) -> int:
    from stentor.probe import migration

    now = migration.current(found)
    if arguments.json:
        from stentor.render.json_fleet import Migration
        from stentor.render.json_lines import JsonLines

        JsonLines(context.screen(), Migration()).write(*(_record(phase, now) for phase in found))
        return 0
    for phase in found:
        mark = migration.word(phase, now)
        title = f": {phase.title}" if phase.title else ""
        context.stdout.write(f"phase {phase.number}{title}  ({mark})\n")
        for label, nodes in (("done", phase.done), ("left", phase.left)):
            if nodes:
                said = ", ".join(n.alias + ("" if n.state == "up" else f" ({n.state})") for n in nodes)
                context.stdout.write(f"  {label}: {said}\n")
        for check in phase.checks:
            context.stdout.write(f"  check: {check}\n")
    return 0


def _check(arguments: argparse.Namespace, context: Context, fleet: api.Fleet, found: list[Phase]) -> int:
    from stentor.probe import migration

    if arguments.selector:
        aliases = [node.alias for node in fleet.select(arguments.selector).nodes]
    else:
        now = migration.current(found)
        aliases = [node.alias for node in now.left] if now else []
    if not aliases:
        done = any(phase.done for phase in found)
        context.stderr.write("every phase is done\n" if done else "no phase has a node yet\n")
        return 0
    confirm = confirm_by(context, arguments.yes_really, fleet.groups)
    if arguments.json:
        from stentor.render.json_fleet import MigrationCheck, PhaseChecks
        from stentor.render.json_lines import JsonLines

        lines = JsonLines(context.screen(), MigrationCheck(), clock=time.monotonic)
        results = _run_checks(fleet, found, aliases, confirm, keeping=True)
        code = _exit_code(results)
        lines.write(*(PhaseChecks.of(outcome, checks=held) for outcome, held in results))
        lines.report((outcome for outcome, _ in results), code=code)
        return code
    from stentor.cli.waiting import waiting

    with waiting(context.screen(), context, len(aliases)):
        results = _run_checks(fleet, found, aliases, confirm, keeping=True)
    for outcome, held in results:
        context.screen().print(f"{outcome.node}: {_why(outcome) or _verdict(held)}")
        for check, said in held.items():
            sign = "passed" if said == 0 else "not run" if said is None else f"failed (exit code {said})"
            context.stdout.write(f"  {sign}: {check}\n")
    if missing := [outcome.node for outcome, _ in results if outcome.kind == "cancelled"]:
        from stentor.render.summary import say_interrupted

        say_interrupted(context.screen(), missing, fleet.groups)
    return _exit_code(results)


def _done(arguments: argparse.Namespace, context: Context, fleet: api.Fleet, found: list[Phase]) -> int:
    from stentor.fleet import edit, rewrite
    from stentor.probe import migration

    if not arguments.selector:
        raise UsageError("no node is named", hint="stentor migrate done NODE")
    node = one(fleet, arguments.selector)
    why = migration.blocker(found, node)
    if why:
        raise Refused(why, hint="see 'stentor migrate'")
    ((outcome, held),) = _run_checks(
        fleet, found, [node.alias], confirm_by(context, arguments.yes_really, fleet.groups)
    )
    reason = _why(outcome)
    failing = [check for check, code in held.items() if code != 0]
    if reason or failing:
        raise Refused(
            reason or f"check failed: {'; '.join(failing)}",
            where=node.alias,
            hint=f"see: stentor migrate check {node.alias}",
        )
    # Without a state, a node is "up".
    values = {"state": None, "migrated": True}
    with rewrite.locked(arguments.fleet, environ=context.environ, cwd=os.getcwd()):
        rewritten = rewrite.rewritten(
            arguments.fleet,
            lambda text: edit.set_values(text, node.name, values),
            environ=context.environ,
            cwd=os.getcwd(),
        )
        if not arguments.dry_run:
            rewrite.write(rewritten)
    context.stdout.write(rewritten.diff(os.path.basename(rewritten.path)))
    if arguments.dry_run:
        context.stderr.write("nothing was written\n")
        return 0
    checks = f"{len(held)} check{'s' if len(held) != 1 else ''} passed"
    left = [other.alias for phase in found if phase.number == node.phase for other in phase.left]
    others = ", ".join(alias for alias in left if alias != node.alias)
    then = f"left in phase {node.phase}: {others}" if others else f"phase {node.phase} is done"
    context.stderr.write(f"{node.alias}: {checks}; {then}\n")
    return 0


def _run_checks(
    fleet: api.Fleet, found: list[Phase], aliases: list[str], confirm: Confirm, *, keeping: bool = False
) -> list[tuple[Outcome, dict[str, int | None]]]:
    """Run each node's checks; return its outcome and the exit code of each check."""
    from stentor.fanout.collect import collect_in_order
    from stentor.fanout.task import Settings, Task
    from stentor.operation.guarding import guard_all
    from stentor.probe import migration
    from stentor.rollout.sent import Sent

    checks = {n.alias: phase.checks for phase in found for n in (*phase.done, *phase.left)}
    lines = dict.fromkeys(check for alias in aliases for check in checks.get(alias, ()))
    guard_all(fleet.data, aliases, map(Sent, lines), confirm)
    selection = fleet.select(",".join(aliases))
    tasks = [Task(node, migration.script(checks.get(node.alias, ()))) for node in selection.nodes]
    events = selection.fan_out(tasks, Settings(timeout=60.0))
    results = collect_in_order(events, selection.nodes, keeping=keeping)
    answers = []
    for result in results:
        wanted = checks.get(result.node, ())
        answers.append(result.read(partial(migration.held_in, wanted), dict.fromkeys(wanted)))
    return answers


def _why(outcome: Outcome) -> str:
    """Why the checks were not run; empty where they were."""
    return "" if outcome.ok else outcome.reason


def _exit_code(results: list[tuple[Outcome, dict[str, int | None]]]) -> int:
    from stentor.outcome import exit_code

    seen = [one for one in results if one[0].kind != "cancelled"]
    if all(not _why(outcome) and _passed(held) for outcome, held in seen):
        return exit_code(outcome for outcome, _ in results)
    return 1


def _passed(held: dict[str, int | None]) -> bool:
    return all(code == 0 for code in held.values())


def _verdict(held: dict[str, int | None]) -> str:
    if not held:
        return "its phase has no checks"
    return "all checks passed" if _passed(held) else "not all checks passed"


def _record(phase: Phase, now: Phase | None) -> Shape:
    from stentor.probe import migration
    from stentor.render import json_fleet

    return json_fleet.Phase.of(
        phase,
        done=[node.alias for node in phase.done],
        left=[node.alias for node in phase.left],
        current=phase is now,
        state=migration.word(phase, now),
    )
