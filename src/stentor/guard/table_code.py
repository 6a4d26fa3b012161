"""What destroys in the code of interpreters, whose grammar is not read: functions, by name.

A row: names of the interpreter | functions which remove, signal or start programs | functions which write to
the file that they are given | source. ``os.a,b`` are members of ``os``, ``.a,b`` of anything, ``a,b()`` is
called so, ``a,b`` is a word of its own, ``*`` is any ending; other signs mean themselves.
"""

from __future__ import annotations

import re

from stentor.guard.paths import device, login_file
from stentor.guard.tools import rows
from stentor.typed import NamedTuple

ROWS = """
python python2 python3 pypy pypy3 | os.remove,unlink,rmdir,removedirs,rename*,replace,truncate,system,popen*,
  os.exec*,spawn*,posix_spawn*,kill,killpg,chmod,lchmod,chown,lchown,fork*  shutil.rmtree,move subprocess
  pty.spawn .unlink,rmdir,rmtree,rename system,popen,exec,rmtree,unlink,fork() ctypes __import__ |
  open() .write_text,write_bytes,symlink_to,copy* shutil.copy* | docs.python.org: os, shutil, pathlib,
  subprocess
perl raku | unlink,rmdir,rmtree,remove_tree,rename,truncate,system,exec,fork,kill,qx,syscall ` |
  open,sysopen,spurt,copy,move,chmod,chown | perlfunc(1); File::Path(3)
ruby jruby | File.delete,unlink,rename,truncate Dir.rmdir,delete,unlink FileUtils.rm*,remove*,mv,move
  .rmtree,unlink,rmdir system,exec,spawn,fork,syscall IO.popen Open3 Process.kill ` %x |
  open,chmod,chown,cp File.write,binwrite,open IO.write FileUtils.cp*,chmod*,chown*,ln* | docs.ruby-lang.org:
  File, FileUtils, Kernel
node nodejs deno bun | rm,rmSync,unlink,unlinkSync,rmdir,rmdirSync,rename,renameSync,truncate,truncateSync()
  child_process exec*,spawn*,fork() process.kill Deno.remove*,rename*,truncate*,run,Command,kill |
  write*,append*,createWriteStream,chmod*,chown*,copy*() Deno.write*,copy*,chmod*,chown* |
  nodejs.org/api: fs, child_process; docs.deno.com: Deno
php | unlink,rmdir,shell_exec rename,ftruncate,exec,system,passthru,popen,proc_open,pcntl_*,posix_kill() ` |
  fopen,file_put_contents,copy,chmod,chown() | php.net/manual: filesystem, exec
lua luajit | os.remove,rename,execute io.popen | io.open | lua.org/manual/5.4: os, io
tclsh | file\\ delete file\\ rename exec | open file\\ copy | tcl-lang.org/man: file, exec, open
Rscript | unlink,file.remove,file.rename,system,system2,shell() | file,writeLines,cat,sink,file.copy() | R
  manual: unlink, files, system
julia | rm,mv,run() ` | open,write,cp,chmod,chown() | docs.julialang.org: Filesystem
pwsh | Remove-*,Clear-*,Format-*,Stop-*,Restart-*,Move-*,Rename-*,rm,del | Set-*,Out-*,Add-*,Copy-* |
  learn.microsoft.com/powershell
"""
_TEXT = re.compile(r"""(?<!\w)"[^"\n]*"|(?<!\w)'[^'\n]*'|(?<![\w/])(?:m|s/[^/\n]*)?/[^/\n]*/""")
_FOR_WRITING = re.compile(r"""["'][rbt]*[waxc+][bt+]*["']|["']\s*\+?>|O_(WRONLY|RDWR)""")
_QUOTED = re.compile(r"""["']\s*[<>+]*\s*([^"'\n]+)["']""")


class Language(NamedTuple):
    """What removes, signals or starts programs in a language, and what writes to a file."""

    destroys: re.Pattern[str]
    writes: re.Pattern[str]


def _form(word: str) -> str:
    called = r"\s*\(" if word.endswith("()") else r"(?![\w-])"
    module, dot, members = word.removesuffix("()").partition(".")
    if not dot or "," in module:
        module, members = "", word.removesuffix("()").removeprefix(".")
    if not re.fullmatch(r"[\w.,*\\ -]+", members):
        return re.escape(word)
    names = "|".join(re.escape(name).replace(r"\*", r"\w*") for name in members.split(","))
    owner = rf"\b{module}\s*\.\s*" if module else r"\." if word.startswith(".") else r"\b"
    return f"{owner}(?:{names}){called}"


def _pattern(column: str) -> re.Pattern[str]:
    words = re.split(r"(?<!\\)\s+", column)
    return re.compile("|".join(_form(word.replace("\\", "")) for word in words))


def _languages() -> dict[str, Language]:
    found: dict[str, Language] = {}
    for names, destroys, writes, _source in rows(ROWS):
        found |= dict.fromkeys(names.split(), Language(_pattern(destroys), _pattern(writes)))
    return found


LANGUAGES = _languages()


def _by_module(code: str) -> str:
    """Python's names as members of their modules: ``from os import remove``, ``import os as o``."""
    for module, names in re.findall(r"\bfrom\s+(\w+)\s+import\s+\(?([\w, ]+)", code):
        code += "".join(f"\n{module}.{name.split()[0]}" for name in names.split(",") if name.strip())
    for module, alias in re.findall(r"\bimport\s+(\w+)\s+as\s+(\w+)", code):
        code = re.sub(rf"\b{alias}\s*\.", f"{module}.", code)
    return code


def destroys(name: str, code: str) -> bool:
    """Whether this code removes files, signals, starts programs, or writes to what logins need."""
    language = LANGUAGES[name]
    if name.startswith(("python", "pypy")):
        code = _by_module(code)
    # Their functions need no brackets, so that a word in a text or a pattern would look like a call.
    bare = _TEXT.sub('""', code) if name in ("perl", "raku", "ruby", "jruby") else code
    if language.destroys.search(bare):
        return True
    writes = (found[0] for found in language.writes.finditer(code))
    named = (path.strip() for path in _QUOTED.findall(code))
    return any("open" not in function or _FOR_WRITING.search(code) for function in writes) and any(
        path.startswith("/") and (login_file(path) or device(path)) for path in named
    )
