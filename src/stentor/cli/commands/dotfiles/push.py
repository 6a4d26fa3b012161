"""``stentor dotfiles push``: from what was edited here to every node."""

from __future__ import annotations

import argparse

from stentor.cli.commands.dotfiles.act import bring
from stentor.cli.commands.dotfiles.desk import Desk
from stentor.cli.context import Context
from stentor.dotfiles import assume, secrets
from stentor.dotfiles import push as pushing
from stentor.dotfiles.source import Source
from stentor.errors import Refused, UsageError
from stentor.render.style import paint, printable


def push(arguments: argparse.Namespace, context: Context) -> int:
    """Look, refuse or commit, push, apply."""
    if arguments.nodes:
        arguments.selector = [*arguments.selector, arguments.nodes]
    desk = Desk(arguments, context)
    source = desk.source()
    environ = context.environ
    if arguments.skip_git:
        return bring(desk, source, desk.revision(source, None), arguments.overwrite, short=True)
    working = pushing.look(source, environ)
    _show(desk, source, working)
    if why := pushing.preflight(working, source.branch, rebase=arguments.rebase):
        raise Refused(why, where=source.clone, hint=_way_on(why, source))
    _refuse_secrets(desk, source, working)
    _prove_that_it_renders(desk, source, working.tree)
    if arguments.dry_run:
        desk.say("dry run: nothing was committed, pushed or applied")
        return desk.finish([], 0)
    rev = _commit_and_send(desk, source, working)
    left = "the commit has left, the nodes are as they were; 'stentor dotfiles apply' brings it to them"
    return bring(desk, source, rev, arguments.overwrite, short=True, declined=left)


def _way_on(why: str, source: Source) -> str:
    if "checked out" in why:
        return f"git -C {source.clone} checkout {source.branch}"
    return "put yours on top with --rebase"


def _show(desk: Desk, source: Source, working: pushing.Working) -> None:
    if not working.changed:
        many = f"{working.ahead} commit{'s' if working.ahead > 1 else ''}"
        desk.say("nothing is edited here" + (f"; {many} to push" if working.ahead else ""))
        return
    for line in pushing.difference(source, working, desk.context.environ).splitlines():
        style = {"+": "good", "-": "bad", "@": "heading"}.get(line[:1], "")
        text = printable(line.replace("\t", "    "))
        desk.print(paint(text, style, desk.screen.colour_out) if style else text)
    desk.write({"type": "working", "changed": list(working.changed), "ahead": working.ahead})


def _refuse_secrets(desk: Desk, source: Source, working: pushing.Working) -> None:
    """In what is edited, and in every commit that the remote lacks."""
    found: set[secrets.Finding] = set()
    for tree, paths in pushing.unseen(source, working, desk.context.environ):
        with assume.checked_out(source.clone, tree, desk.context.environ) as folder:
            found |= {*secrets.scan(folder, paths)}
    left = secrets.standing(sorted(found), desk.arguments.allow_secret)
    for finding in left:
        desk.write({"type": "secret", **finding._asdict()})
        desk.say(f"{finding.path}:{finding.line}: looks like a secret ({finding.kind}), id {finding.key}")
    if left:
        raise Refused(
            f"{len(left)} findings look like secrets",
            hint=f"take them out; or let one pass with --allow-secret {left[0].key}",
        )


def _prove_that_it_renders(desk: Desk, source: Source, tree: str) -> None:
    """For every node of the fleet, not only those of this push: the next one to pull may be any."""
    bad = []
    with assume.checked_out(source.clone, tree, desk.context.environ) as folder:
        for node in desk.fleet.data.nodes.values():
            done = assume.render(desk.fleet.data, node, folder, desk.context.environ, desk.reach.known)
            if done.problem:
                bad.append(f"{node.alias}: {done.problem}")
    for line in bad[1:]:
        desk.say(line)
    if bad:
        raise Refused(f"it does not render for {len(bad)} nodes; {bad[0]}", hint="nothing was committed")
    desk.say(f"renders for all {len(desk.fleet.data.nodes)} nodes")


def _commit_and_send(desk: Desk, source: Source, working: pushing.Working) -> str:
    arguments, environ = desk.arguments, desk.context.environ
    message = (arguments.message or "").strip()
    if working.changed and not message:
        raise UsageError("nothing is committed without a message", hint="say what changes with -m MSG")
    remote = desk.via == "remote" or bool(source.remote)
    what = [word for word, on in (("commit", working.changed), ("push", remote)) if on]
    if what:
        desk.ask(f"{' and '.join(what)}?")
    if working.changed:
        desk.say(f"committed {pushing.commit(source, working, message, environ)[:10]}")
    if working.behind:
        pushing.rebase(source, environ)
        # What others pushed has come in: it must render as well before it all leaves.
        _prove_that_it_renders(desk, source, pushing.head(source, environ))
    if remote:
        pushing.send(source, environ)
        desk.say(f"pushed to {source.remote}")
    return pushing.head(source, environ)
