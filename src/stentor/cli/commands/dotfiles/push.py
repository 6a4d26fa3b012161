"""``stentor dotfiles push``: from what was edited here to every node."""

from __future__ import annotations

from collections.abc import Sequence

from stentor.api.dotfiles import Repository, prove_rendering, repository_of
from stentor.cli.commands.dotfiles.session import Session
from stentor.cli.commands.dotfiles.showing import bring
from stentor.dotfiles import push as feature
from stentor.dotfiles.git import require_identity
from stentor.dotfiles.prompts import unknown_answer
from stentor.dotfiles.secrets import Finding
from stentor.errors import Refused, UsageError
from stentor.render.dotfiles import show_diff
from stentor.render.json_dotfiles import Secret, Working
from stentor.render.names import fold
from stentor.sh.quoting import quoted


def push(session: Session) -> int:
    """Inspect, refuse or commit, push, apply; return the exit code."""
    arguments, context = session.arguments, session.context
    if arguments.skip_git:
        return bring(session, session.wanted(), short=True)
    repository = repository_of(session.fleet, session.wanted())
    source = repository.source
    working = feature.inspect_clone(source, context.environ)
    _show(session, repository, working)
    if blocker := feature.preflight(working, source, rebase=arguments.rebase):
        raise Refused(blocker.why, where=source.clone, hint=blocker.next_step)
    if working.changed or working.behind:  # before anything is asked: a rebase writes commits, too
        require_identity(source.clone, context.environ)
    _refuse_secrets(session, repository, working)
    _render_for_all(session, repository, working.tree)
    if arguments.dry_run:
        session.say("dry run: nothing was committed, pushed or applied")
        return session.finish([])
    rev = _commit_and_push(session, repository, working)
    again = f"stentor dotfiles apply {quoted((session.selector,))}"
    declined = f"the commit is pushed, no node was changed; '{again}' applies it"
    return bring(session, session.wanted(rev), short=True, declined=declined)


def _show(session: Session, repository: Repository, working: feature.Working) -> None:
    if not working.changed:
        many = f"{working.ahead} commit{'s' if working.ahead > 1 else ''}"
        session.say("nothing is edited here" + (f"; {many} to push" if working.ahead else ""))
        return
    lines = feature.difference(repository.source, working, repository.environ).splitlines()
    if not session.json:
        show_diff(session.screen, lines)
    session.write(Working(list(working.changed), working.ahead))


def _refuse_secrets(session: Session, repository: Repository, working: feature.Working) -> None:
    found = feature.find_secrets(
        repository.source, working, repository.environ, session.arguments.allow_secret
    )
    show_secrets(session, found)
    feature.refuse_secrets(found)


def show_secrets(session: Session, found: Sequence[Finding]) -> None:
    """Say where something looks like a secret."""
    for one in found:
        session.write(Secret.of(one, rule=one.kind))
        session.say(f"{one.path}:{one.line}: looks like a secret ({one.kind}), id {one.key}")


def _render_for_all(session: Session, repository: Repository, tree: str) -> None:
    found = prove_rendering(session.fleet, repository, tree, session.terms)
    bad = [f"{alias}: {why}" for alias, why in found.problems.items()]
    for line in bad[1:]:
        session.say(line)
    if bad:
        nodes = "1 node" if len(bad) == 1 else f"{len(bad)} nodes"
        raise Refused(f"it does not render on {nodes}; {bad[0]}", hint="nothing was committed")
    if found.proved:
        session.say(f"renders on {fold(found.proved)}")
    if found.assumed:
        nodes = fold(found.assumed)
        without = "encrypted files and without programs of the nodes"
        session.say(f"renders here for {nodes} (not reached), without {without}")
    for alias, texts in found.unanswered.items():
        for text in texts:
            session.say(f"{alias}: {unknown_answer(text)}")
    for alias, why in found.unknown.items():
        session.say(f"{alias}: not known whether it renders there: {why}")


def _commit_and_push(session: Session, repository: Repository, working: feature.Working) -> str:
    source, environ = repository.source, repository.environ
    message = (session.arguments.message or "").strip()
    if working.changed and not message:
        raise UsageError("a commit needs a message", hint="describe the change with -m MSG")
    remote = repository.via == "remote" or bool(source.remote)
    what = [word for word, on in (("commit", working.changed), ("push", remote)) if on]
    if what:
        session.ask(f"{' and '.join(what)}?")
    if working.changed:
        session.say(f"committed {feature.commit(source, working, message, environ)[:10]}")
    if working.behind:
        feature.rebase(source, environ)
        # The commits of others must render as well before anything is pushed.
        _render_for_all(session, repository, feature.head(source, environ))
    if remote:
        feature.send(source, environ)
        session.say(f"pushed to {source.remote}")
    return feature.head(source, environ)
