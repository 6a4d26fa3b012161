"""Synchronised input: the tmux commands that turn it on, show it and end it.

What ends it is kept in tmux itself, so that it ends without stentor, too:

* ``@stentor_off`` (window): the commands that restore everything.
* ``@stentor_tick`` (window): runs every few seconds on tmux's own timer; ends an idle sync, and one whose
  guard is gone.
* ``@stentor_back`` (session): restores the status line when none of its windows is in sync.
* ``@stentor_release`` (server): restores the key bindings when no window is in sync.
* ``@stentor_banner`` (session), ``@stentor_keys`` (server): do both after a window was closed in sync.

The keys that send a line (Enter and others) are bound in the root table while any window is in
sync. In a window which is not, they do what they did before. A paste is announced by the terminal
(bracketed paste, ``ESC [ 200 ~``); ``user-keys`` turns that into a key which can be bound, in every
version since 3.0, and the text is collected in a buffer until its end, then checked as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stentor.sh.quoting import quote, quoted
from stentor.tmux.command import Command, joined, line, literal

PASTE_START, PASTE_END = "User900", "User901"
PASTE_TABLE = "stentor-paste"
ANY_SYNC = "#{S:#{W:#{@stentor_sync}}}"
IN_SYNC = "#{&&:#{pane_synchronized},#{@stentor_sync}}"
IDLE = "#{e|-|:#{T:@stentor_epoch},#{session_activity}}"
TICK_SECONDS = 3
BANNER_STYLE = "#[fill=red bg=red fg=white bold]"


class Member(NamedTuple):
    """A pane of the window: its id, what it is called, and whether it takes part."""

    pane_id: str
    name: str
    included: bool


class Before(NamedTuple):
    """What is restored afterwards."""

    window: Mapping[str, str]  # option name to value, for those which the window had of its own
    session: Mapping[str, str]  # likewise of the session; array items as ``status-format[1]``
    status: str  # the effective value of ``status`` (``off``, ``on``, ``2`` to ``5``)
    status_format: Sequence[str]  # the effective lines of the status
    keys: str  # the root table as ``list-keys -T root`` prints it
    bound: bool = False  # the keys are bound already, because another window is in sync
    banner: bool = False  # the session shows the banner already


WINDOW_OPTIONS = ("pane-border-style", "pane-active-border-style")
RED = ("fg=red", "fg=red,bold")


def names(members: Sequence[Member], most: int = 12) -> str:
    """The nodes that take part, for the status line; the rest of a long list as a number."""
    included = [member.name for member in members if member.included]
    more = f" and {len(included) - most} more" if len(included) > most else ""
    return " ".join(included[:most]) + more


def turn_on(
    session_id: str,
    window_id: str,
    members: Sequence[Member],
    before: Before,
    *,
    guard: Sequence[str],
    minutes: float,
    keys: Sequence[str],
    token: str,
) -> list[Command]:
    """The commands that synchronise a window, show it, guard it, and end it in time.

    Args:
        session_id: of the session whose status line shows it.
        guard: the argument list of the program which reads the line; pane, window and key are added.
        minutes: without input, after which it ends.
        keys: those which send a line.
        token: tells this sync from an earlier one of the same window.
    """
    count = sum(member.included for member in members)
    w = ("-w", "-t", window_id)
    off = turn_off(session_id, window_id, members, before)
    commands: list[Command] = [
        ("set-option", "-s", "@stentor_epoch", "%s"),
        ("set-option", *w, "@stentor_sync", mark(token)),
        ("set-option", *w, "@stentor_count", str(count)),
        ("set-option", *w, "@stentor_nodes", names(members)),
        ("set-option", *w, "@stentor_blind", blind_question(count, names(members))),
        ("set-option", *w, "@stentor_off", joined(off)),
        ("set-option", *w, "@stentor_tick", tick(session_id, window_id, token, minutes, keys)),
    ]
    commands += [("set-option", *w, name, style) for name, style in zip(WINDOW_OPTIONS, RED, strict=True)]
    if not before.banner:
        commands += _banner(session_id, before)
    if not before.bound:
        commands += bind(before.keys, guard, keys)
    # Last, so that no key is copied before the guard is set up. The window's own option, so that a
    # user's own key for "sync off" works too.
    commands += [
        ("set-option", "-p", "-t", m.pane_id, "synchronize-panes", "off") for m in members if not m.included
    ]
    commands.append(("set-option", *w, "synchronize-panes", "on"))
    commands.append(_again(window_id))
    return commands


def mark(token: str) -> str:
    """The value by which a window is known as synchronised; tmux takes one that begins with 0 for false."""
    return f"on-{token}"


def turn_off(session_id: str, window_id: str, members: Sequence[Member], before: Before) -> list[Command]:
    """Restore everything, in an order in which a pane that is gone breaks nothing."""
    w = ("-w", "-t", window_id)
    commands: list[Command] = [("set-option", *w, "-u", "synchronize-panes")]
    commands += [
        ("set-option", "-q", "-p", "-u", "-t", m.pane_id, "synchronize-panes")
        for m in members
        if not m.included
    ]
    commands += [
        ("set-option", *w, "-u", f"@stentor_{name}") for name in ("sync", "count", "nodes", "tick", "blind")
    ]
    for name in WINDOW_OPTIONS:
        value = before.window.get(name)
        commands.append(
            ("set-option", *w, name, value) if value is not None else ("set-option", *w, "-u", name)
        )
    # The session's own part goes back with the last window of it that was in sync, the keys with
    # the last of all.
    back = line(("run-shell", "-t", f"{session_id}:", "-C", "#{@stentor_back}"))
    commands.append(("if-shell", "-F", "-t", f"{session_id}:", "#{W:#{@stentor_sync}}", "", back))
    commands.append(("run-shell", "-C", "#{@stentor_release}"))
    commands.append(("set-option", *w, "-u", "@stentor_off"))
    return commands


def tick(session_id: str, window_id: str, token: str, minutes: float, keys: Sequence[str]) -> str:
    """Look whether it is time to end; come again if not.

    Synchronised input without its red line or without the guard behind its keys ends at once, whoever took
    them away: a configuration that was loaded again, another program, an option that was unset.
    """
    seconds = max(1, round(minutes * 60))
    put_back = ("run-shell", "-t", window_id, "-C", "#{@stentor_off}")

    def ended(why: str) -> str:
        # Also where the commands that restore everything are lost.
        off = ("set-option", "-q", "-w", "-t", window_id, "-u", "synchronize-panes")
        return joined([put_back, off, ("display-message", "-d", "5000", f"sync ended: {why}")])

    late = f"#{{e|>=|:{IDLE},{seconds}}}"
    idle = ended("no input for a while")
    check = line(("if-shell", "-F", "-t", window_id, late, idle, line(_again(window_id))))
    unguarded = ended("its red line or the guard behind its keys was gone")
    check = line(("if-shell", "-t", window_id, guarded_still(session_id, keys), check, unguarded))
    # The user's own key may have turned synchronize-panes off.
    still_on = "#{P:#{?pane_synchronized,1,}}"
    check = line(("if-shell", "-F", "-t", window_id, still_on, check, line(put_back)))
    mine = f"#{{==:#{{@stentor_sync}},{mark(token)}}}"
    # Another mark is that of a later sync, whose own tick looks after it.
    lost = line(("if-shell", "-F", "-t", window_id, "#{@stentor_sync}", "", unguarded))
    return line(("if-shell", "-F", "-t", window_id, mine, check, lost))


def guarded_still(session_id: str, keys: Sequence[str]) -> str:
    """A shell command: whether the session shows the banner and every key is bound to the guard."""
    session = quote(f"{session_id}:")
    return (
        "command -v tmux >/dev/null || exit 0; "
        f'[ "$(tmux list-keys -T root | grep -c @stentor_ask)" -ge {len(set(keys))} ] && '
        f"tmux show-options -t {session} status-format | grep -q 'SYNC: every key' && "
        f"case $(tmux show-options -v -t {session} status) in ''|off) exit 1 ;; esac"
    )


def _again(window_id: str) -> Command:
    return ("run-shell", "-b", "-d", str(TICK_SECONDS), "-t", window_id, "-C", "#{@stentor_tick}")


def bind(root: str, guard: Sequence[str], keys: Sequence[str]) -> list[Command]:
    """Bind the guard to the keys; ``@stentor_release`` restores them."""
    before = bindings(root)
    commands: list[Command] = []
    release: list[str] = []
    for key in keys:
        old = before.get(key, "")
        commands.append(("bind-key", "-n", key, *guarded(guard, key, old)))
        release.append(f"bind-key -n {quote(key)} {old}" if old else f"unbind-key -q -n {quote(key)}")
    commands += paste_keys(guard)
    release += [f"unbind-key -q -n {PASTE_START}", f"unbind-key -q -n {PASTE_END}"]
    release += ["set-option -s -u user-keys[900]", "set-option -s -u user-keys[901]"]
    release += [f"unbind-key -q -a -T {PASTE_TABLE}"]
    release += [*(f"set-option -s -u @stentor_{name}" for name in ("keys", "epoch", "release"))]
    commands.append(
        ("set-option", "-s", "@stentor_release", line(("if-shell", "-F", ANY_SYNC, "", " ; ".join(release))))
    )
    return commands + _watch("keys", ("-s",), (), ANY_SYNC, "#{@stentor_release}")


def _watch(name: str, scope: Sequence[str], target: Sequence[str], condition: str, end: str) -> list[Command]:
    """Look every few seconds whether the condition holds; run the end once it does not."""
    again = ("run-shell", "-b", "-d", str(TICK_SECONDS), *target, "-C", f"#{{@stentor_{name}}}")
    look = ("if-shell", "-F", *target, condition, line(again), line(("run-shell", *target, "-C", end)))
    return [("set-option", *scope, *target, f"@stentor_{name}", line(look)), again]


def guarded(guard: Sequence[str], key: str, old: str) -> Command:
    """The command of a guarded key: ask the guard in a synchronised pane, else what it did before."""
    question = line(("run-shell", "-C", "#{@stentor_ask}"))
    look = line(("if-shell", _words(guard, "line", key), line(("send-keys", key)), question))
    reset = line(("set-option", "-F", "-w", "@stentor_ask", "#{@stentor_blind}"))
    # list-keys writes what bind-key takes; in a string the commands of a list stand apart by a plain ;
    usual = old.replace(" \\; ", " ; ") or line(("send-keys", key))
    return ("if-shell", "-F", IN_SYNC, f"{reset} ; {look}", usual)


def paste_keys(guard: Sequence[str]) -> list[Command]:
    """Collect a bracketed paste in a buffer, and look at it when it is whole.

    In a window without sync the announcement is passed on as it came. Characters beyond ASCII
    cannot be bound one by one: they are left out of the buffer and marked, and the paste is refused.
    """
    back = ("switch-client", "-T", PASTE_TABLE)
    begin = joined(
        [
            ("set-option", "-w", "@stentor_odd", ""),
            ("set-buffer", "-b", PASTE_TABLE, " "),
            back,
        ]
    )
    commands: list[Command] = [
        ("set-option", "-s", "user-keys[900]", "\x1b[200~"),
        ("set-option", "-s", "user-keys[901]", "\x1b[201~"),
        ("bind-key", "-n", PASTE_START, "if-shell", "-F", IN_SYNC, begin, _hexadecimal("\x1b[200~")),
        ("bind-key", "-n", PASTE_END, "if-shell", "-F", IN_SYNC, "", _hexadecimal("\x1b[201~")),
        ("bind-key", "-T", PASTE_TABLE, "Any", "set-option", "-w", "@stentor_odd", "1", ";", *back),
    ]
    ask = line(("run-shell", "-C", "#{@stentor_ask}"))
    look = ("if-shell", _words(guard, "paste", "Paste"), "", ask)
    reset = ("set-option", "-F", "-w", "@stentor_ask", "#{@stentor_blind}")
    commands.append(("bind-key", "-T", PASTE_TABLE, PASTE_END, *reset, ";", *look))
    for key, text in _typeable().items():
        commands.append(
            ("bind-key", "-T", PASTE_TABLE, key, "set-buffer", "-a", "-b", PASTE_TABLE, text, ";", *back)
        )
    return commands


def bindings(root: str) -> dict[str, str]:
    """Key to command, from what ``list-keys -T root`` prints."""
    found: dict[str, str] = {}
    for text in root.splitlines():
        head, table, rest = text.partition(" root ")
        if not table or not head.startswith("bind-key"):
            continue
        if set(head.split()) - {"bind-key", "-r", "-T"}:
            continue
        key, _, command = rest.strip().partition(" ")
        found[key.removeprefix("\\")] = command.strip()
    return found


def question(reason: str, count: int, nodes: str, answer: Sequence[Command]) -> str:
    """The commands which ask for the number of nodes, and do something if it is typed.

    A number and not ``y``: nobody types it by habit, and it does not come from a paste.
    """
    text = f"{reason}: {count} nodes ({nodes}). Type {count} to send it"
    # The prompt is expanded as a format, and cut at commas.
    safe = "".join(c if c.isprintable() else " " for c in text).replace(",", ";")
    safe = literal(safe).replace("%", "%%")
    refused = line(("display-message", "-d", "2000", "not sent"))
    check = line(("if-shell", "-F", f"#{{==:%1,{count}}}", joined(answer), refused))
    return line(("command-prompt", "-p", safe + ":", check))


def send(key: str) -> list[Command]:
    """Send the key, if sync is still on."""
    ended = line(("display-message", "-d", "3000", "sync ended meanwhile: not sent"))
    return [("if-shell", "-F", IN_SYNC, line(("send-keys", key)), ended)]


def blind_question(count: int, nodes: str) -> str:
    """The question for when the guard could not be started."""
    return question("the guard could not read this line", count, nodes, send("Enter"))


def _words(guard: Sequence[str], kind: str, key: str) -> str:
    """The shell command of the guard; ids are filled in by tmux."""
    return literal(quoted([*guard, kind, "--key", key])) + " --window '#{window_id}'"


def _banner(session_id: str, before: Before) -> list[Command]:
    """A second status line in red, and the commands that restore the session's own."""
    s = ("-t", f"{session_id}:")
    back: list[Command] = [
        ("set-option", *s, "-u", name) for name in ("assume-paste-time", "status", "status-format")
    ]
    back += [("set-option", *s, name, value) for name, value in before.session.items()]
    back += [("set-option", *s, "-u", f"@stentor_{name}") for name in ("banner", "back")]
    here = "SYNC: every key goes to #{@stentor_count} nodes: #{@stentor_nodes}"
    zoomed = "#{?window_zoomed_flag, (zoomed: only to the one you see),}"
    banner = f"{BANNER_STYLE} #{{?@stentor_sync,{here}{zoomed},sync is on in another window of this session}}"
    shown = int(before.status) if before.status.isdecimal() else int(before.status != "off")
    kept = min(shown, 4)
    commands: list[Command] = [
        ("set-option", *s, "@stentor_back", joined(back)),
        # A paste without brackets comes fast; tmux would send it past every binding.
        ("set-option", *s, "assume-paste-time", "0"),
    ]
    for number in range(kept):
        text = before.status_format[number] if number < len(before.status_format) else ""
        commands.append(("set-option", *s, f"status-format[{number}]", text))
    commands.append(("set-option", *s, f"status-format[{kept}]", banner))
    commands.append(("set-option", *s, "status", "on" if kept == 0 else str(kept + 1)))
    return commands + _watch("banner", (), s, "#{W:#{@stentor_sync}}", "#{@stentor_back}")


def _hexadecimal(text: str) -> str:
    return line(("send-keys", "-H", *(f"{ord(c):02x}" for c in text)))


def _typeable() -> dict[str, str]:
    """Keys of a paste and the text they stand for; a line's end is CR in a paste."""
    keys = {chr(code): chr(code) for code in range(0x21, 0x7F)}
    keys |= {"Space": " ", "Tab": "\t", "Enter": "\n", "C-j": "\n"}
    return keys
