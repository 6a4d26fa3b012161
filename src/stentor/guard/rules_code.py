"""Rules on code that nobody has read: downloads, pipes and variables which become commands."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator

from stentor.guard.calls import Call, name_of
from stentor.guard.computed import printed
from stentor.guard.match import Hit, flags
from stentor.guard.options import shell_words
from stentor.guard.paths import login_file
from stentor.guard.table_code import LANGUAGES, destroys
from stentor.guard.words import MARKS, SUBSTITUTED, unknown
from stentor.shells import PROGRAMS

_DOWNLOADS = {
    "curl", "wget", "fetch", "aria2c", "lynx", "nc", "ncat", "socat", "ftp", "lwp-request", "http",
    "https", "xh",
}  # fmt: skip
INTERPRETERS = set(LANGUAGES)
_ON_PATH = (
    "/usr/local/bin", "/usr/local/sbin", "/usr/bin", "/usr/sbin", "/bin", "/sbin", "~/bin",
    "~/.local/bin",
)  # fmt: skip
_CODE = re.compile(r"-[a-zA-Z]*[ceErRp]|--eval|--print|-Command|eval")


def reads_commands(call: Call) -> bool:
    """Whether this is a shell that takes its commands from standard input, or ``at`` which does so later."""
    name = name_of(call.words)
    rest = call.words[1:]
    if name in ("at", "batch"):
        return not any(re.fullmatch(r"-[a-zA-Z]*[lrdcf]", word) for word in rest)
    if name in ("sbatch", "qsub", "bsub"):
        return not any(not word.startswith("-") for word in rest)
    if name in (".", "source"):
        return rest[:1] in (("/dev/stdin",), ("/dev/fd/0",), ("/proc/self/fd/0",)) or made_here(call)
    if name not in PROGRAMS:
        return False
    letters, operands = shell_words(call.words)
    if "c" in letters or any(word.startswith("--command") for word in rest):
        return False
    stdin = ("/dev/stdin", "/dev/fd/0", "/proc/self/fd/0")
    return "s" in letters or not operands or operands[0] in stdin or made_here(call)


def made_here(call: Call) -> bool:
    """Whether this is a shell which reads what a command prints: ``bash <(…)``, ``source <(…)``."""
    operands = call.words[1:] if name_of(call.words) in (".", "source") else shell_words(call.words)[1]
    return operands[:1] == (SUBSTITUTED,) and bool(call.substitutes)


def _told_nothing(call: Call) -> bool:
    """Whether this is ``sh -c`` of nothing that the line says: ``sh -c "$(…)"``."""
    letters, operands = shell_words(call.words) if name_of(call.words) in PROGRAMS else ("", ())
    return "c" in letters and bool(operands) and not operands[0].strip(MARKS)


def reads_code(call: Call) -> bool:
    """Whether this is an interpreter that takes its program from standard input."""
    words = call.words[1:]
    options = ("-c", "-e", "-m", "-V", "--version")
    return name_of(call.words) in INTERPRETERS and not any(
        not word.startswith("-") or word in options for word in words
    )


def from_elsewhere(call: Call) -> Iterator[Hit]:
    """A shell fed by something: where does its text come from?"""
    name = name_of(call.words)
    if (reads_commands(call) or reads_code(call)) and call.fed_by and call.stdin is None:
        if any(name_of(source.words) in _DOWNLOADS for source in call.fed_by):
            yield "pipe-to-shell", f"{name} runs what the network sends"
        elif literal(call) is None:
            source = name_of(call.fed_by[-1].words)
            yield (
                "unknown-code",
                f"{name} runs whatever {source if not unknown(source) else 'a command'} prints",
            )
    elif (name in PROGRAMS or name in (".", "source", "eval") or name in INTERPRETERS) and call.substitutes:
        used = any(unknown(word) or word == SUBSTITUTED for word in call.words[1:])
        if used and any(name_of(source.words) in _DOWNLOADS for source in call.substitutes):
            yield "pipe-to-shell", f"{name} runs what the network sends"
        elif made_here(call) and literal(call) is not None:
            return
        elif used and (name not in PROGRAMS | INTERPRETERS or made_here(call) or _told_nothing(call)):
            # `eval "$(ssh-agent -s)"` and its like are how programs set variables.
            maker = name_of(call.substitutes[0].words)
            if maker not in (
                "ssh-agent",
                "dircolors",
                "brew",
                "direnv",
                "starship",
                "lesspipe",
                "atuin",
                "zoxide",
            ):
                yield "unknown-code", f"{name} runs whatever {maker} prints"


def fetched(call: Call) -> str:
    """The file into which a command of the line brings something from the network; empty if there is none."""
    name, words = name_of(call.words), call.words
    if name not in ("curl", "wget", "fetch", "aria2c"):
        return ""
    letters = {"curl": "o", "wget": "O"}.get(name, "o")
    for index, word in enumerate(words[1:], 1):
        said = re.fullmatch(rf"-[a-zA-Z]*{letters}(.*)|--output(?:-document)?(?:=(.*))?", word)
        if said:
            given = said[1] or said[2] or "".join(words[index + 1 : index + 2])
            return "" if given == "-" else posixpath.normpath(given)
    remote = name != "curl" or any(re.fullmatch(r"-[a-zA-Z]*O[a-zA-Z]*", word) for word in words)
    addresses = [word for word in words[1:] if "/" in word and not word.startswith("-")]
    return posixpath.basename(addresses[-1]) if remote and addresses else ""


def runs(words: tuple[str, ...], files: Collection[str]) -> bool:
    """Whether a command is one of these files, or a shell or interpreter that reads one."""
    if posixpath.normpath(words[0]) in files and ("/" in words[0]):
        return True
    if "/" not in words[0] and any(f"{folder}/{words[0]}" in files for folder in _ON_PATH):
        return True
    if name_of(words) not in PROGRAMS | INTERPRETERS | {".", "source"}:
        return False
    operands = (
        shell_words(words)[1]
        if name_of(words) in PROGRAMS
        else [word for word in words[1:] if not word.startswith("-")]
    )
    return bool(operands) and posixpath.normpath(operands[0]) in files


def runs_later(call: Call, file: str) -> str:
    """What runs this file later, by this command: ``cron``, ``sh`` (crontab(1), at(1)), or nothing."""
    words = call.words
    if name_of(words) == "crontab" and posixpath.normpath(words[-1]) == file:
        return "cron"
    given = [words[at + 1] for at, word in enumerate(words[:-1]) if word == "-f"]
    return "sh" if name_of(words) in ("at", "batch") and file in map(posixpath.normpath, given) else ""


def literal(call: Call) -> str | None:
    """The text a shell is fed, where the line itself holds it."""
    if SUBSTITUTED in call.words and made_here(call):
        return output(call.substitutes[-1])
    if call.stdin is not None:
        return call.stdin
    return output(call.fed_by[-1]) if call.fed_by else None


def output(source: Call) -> str | None:
    """What a command prints, where the line itself holds it."""
    name = name_of(source.words)
    if name in ("echo", "printf"):
        said = printed((name, *source.words[1:]))
        return None if unknown(said) else said
    if name in ("cat", "tee", "sponge") and source.stdin is not None:
        return source.stdin
    if name in ("tee", "sponge") and source.fed_by:
        return output(source.fed_by[-1])
    return None


def interpreter(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """``python -c``, ``perl -e``: not shell, so only what destroys by name is seen."""
    given = [words[at + 1] for at, word in enumerate(words[:-1]) if _CODE.fullmatch(word)]
    said = literal(call) if reads_code(call) else None
    for code in (*given, *([said] if said is not None else [])):
        found = list(judged(name_of(words), code))
        yield from found or (_told(words, call) if unknown(code) else ())
    options, _ = flags(words)
    if name_of(words) in ("perl", "ruby") and "i" in options:
        yield from _edits(words)


def judged(name: str, code: str) -> Iterator[Hit]:
    """Judge code for this interpreter."""
    if destroys(name, code):
        yield "unknown-code", f"code for {name} which changes files, ends or starts programs: read it first"


def _told(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    if any(name_of(source.words) in _DOWNLOADS for source in call.substitutes):
        yield "pipe-to-shell", f"{name_of(words)} runs what the network sends"
    else:
        yield "unknown-code", f"{name_of(words)} runs code which the line does not show"


def _edits(words: tuple[str, ...]) -> Iterator[Hit]:
    for word in words[1:]:
        if login_file(word):
            yield "login-file", f"edits {word}, which a login or the next boot needs"


def cron_lines(call: Call) -> str:
    """The commands of the jobs which ``crontab -`` is fed, as far as the line holds them."""
    sources = call.fed_by or (call,)
    texts = (source.stdin if name_of(source.words) == "crontab" else output(source) for source in sources)
    return jobs("\n".join(text for text in texts if text))


def unit_lines(text: str) -> str:
    """The command lines of a unit of systemd (systemd.service(5))."""
    return "\n".join(re.findall(r"^\s*Exec\w+\s*=\s*[-@:+!|]*(.*)", text, re.MULTILINE))


def jobs(table: str) -> str:
    """The commands of a table of cron, with or without the column of the user (crontab(5))."""
    job = re.compile(r"\s*(?:@\w+|(?:[-\d*/,A-Za-z]+\s+){4}[-\d*/,A-Za-z]+)\s+(?:root\s+)?(.*)")
    return "\n".join(found[1] for line in table.splitlines() if (found := job.fullmatch(line)))


def awk(words: tuple[str, ...], _call: Call) -> Iterator[Hit]:
    """``awk`` which starts programs whose command line it puts together itself."""
    for part in re.findall(r"system\s*\(([^)]*)\)", " ".join(words[1:])):
        if not re.fullmatch(r'\s*"[^"]*"\s*', part):
            yield "unknown-code", f"{name_of(words)} runs commands which the line does not show"


def script_text(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """``sh -c`` or ``eval`` of something which the line does not say."""
    name = name_of(words)
    rest = words[1:]
    if name == "eval":
        text = " ".join(rest)
    else:
        letters, operands = shell_words(words)
        text = "".join(operands[:1]) if "c" in letters else ""
    if text and unknown(text) and unknown(text.split()[0] if text.split() else text) and not call.substitutes:
        yield "unknown-code", f"{name} runs a command which the line does not name"
