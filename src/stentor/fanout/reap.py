"""Clean up what an interrupted run left on a node: the command, and what its answer means.

Every process of an operation carries ``STENTOR_RUN=<word>`` in its environment, and its login
shell's process group is in the journal. Only processes of that group or session are ended: a
daemon which the command started on purpose has a session of its own. Where there is no /proc,
the process group alone is known, and is ended only if its age is the one we expect.
"""

from __future__ import annotations

from stentor.fanout.script import quote

MARK = "STENTOR_RUN"
_TOLERANCE = 5  # seconds by which a group's age may differ: logins take time, clocks are read apart
_SHORTEST = 20  # letters of a word
_LOOKS = 10  # at a node where nobody heard that the command began

_SCRIPT = r"""
g=%(pid)s first=%(first)s second=%(second)s; w="$first$second"
# An empty word would be found in every process.
[ ${#w} -ge %(shortest)s ] || { echo gone; exit 0; }
alive() { kill -0 -$1 2>/dev/null || kill -s 0 -- -$1 2>/dev/null; }
end() { kill -$2 -$1 2>/dev/null || kill -s $2 -- -$1 2>/dev/null; }
groups='' own=''
if [ -r /proc/self/stat ]; then
  read -r line < /proc/$$/stat; set -- ${line##*) }; own=$3
fi
look() {
  files=$(printf '%%s\n' "%(mark)s=$w" | grep -lsF -f - /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null)
  for file in $files; do
    n=${file#/proc/}; n=${n%%%%/*}
    { read -r line < /proc/$n/stat; } 2>/dev/null || continue
    set -- ${line##*) }
    # state, parent, group, session
    [ "$n" = $$ ] || [ "${3:-0}" -le 1 ] || [ "$3" = "$own" ] && continue
    if [ $g = 0 ] || [ "$3" = $g ] || [ "$4" = $g ]; then
      case " $groups " in *" $3 "*) ;; *) groups="$groups $3";; esac
    fi
  done
}
if [ -r /proc/self/stat ]; then
  look
  # It was never heard that the command began: it may be about to.
  again=0
  while [ $g = 0 ] && [ -z "$groups" ] && [ $again -lt %(looks)s ]; do
    sleep 0.3 2>/dev/null || sleep 1
    look
    again=$((again + 1))
  done
elif [ $g != 0 ] && alive $g; then
  age=$(ps -o etime= -p $g 2>/dev/null |
    awk '{n=split($1,a,/[-:]/); m=1; for(i=n;i>0;i--){s+=a[i]*m; m*=(m==3600?24:60)} print s}')
  [ -n "$age" ] && [ $((age - %(age)s)) -le %(near)s ] && [ $((%(age)s - age)) -le %(near)s ] && groups=$g
fi
[ -n "$groups" ] || { echo gone; exit 0; }
for n in $groups; do end $n TERM; done
tries=0
while [ $tries -lt 20 ]; do
  left=; for n in $groups; do alive $n && left="$left $n"; done
  [ -n "$left" ] || { echo term; exit 0; }
  tries=$((tries + 1)); sleep 0.1 2>/dev/null || sleep 1
done
for n in $left; do end $n KILL; done
sleep 0.2 2>/dev/null || sleep 1
for n in $left; do alive $n && { echo left; exit 0; }; done
echo kill
"""

WORDS = {
    "gone": "",
    "term": "ended by TERM",
    "kill": "ended by KILL",
    "left": "may still run: it survived KILL",
}
"""The script's answer, in the words of ``Outcome.remote``."""


def command(word: str, pid: int, age: float) -> str:
    """Return the command, for any login shell, which ends an operation's processes on a node.

    Args:
        word: the operation's.
        pid: the process group as it was said when the command began; 0 if that was never heard.
        age: seconds since then, where there is no /proc to look at.
    """
    if len(word) < _SHORTEST:
        raise ValueError("no word by which processes could be told from others")
    # In two parts, so that the script does not find itself.
    half = len(word) // 2
    script = _SCRIPT % {
        "pid": int(pid),
        "first": quote(word[:half]),
        "second": quote(word[half:]),
        "age": max(0, round(age)),
        "near": _TOLERANCE,
        "mark": MARK,
        "shortest": _SHORTEST,
        "looks": _LOOKS,
    }
    return "exec sh -c " + quote(script)
