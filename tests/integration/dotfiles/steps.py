"""The steps of the node's program and of the proof, read out of their text: a new one is tried by itself.

The text of a shell function is followed into the functions that it calls, in order.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection

from stentor.dotfiles import login, program

PLAIN = 'step() { say "step $1"; }'
_FUNCTION = re.compile(r"^([a-z_]+)\(\) \{(?![^\n]*\}$)[^\n]*\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_TEXT = program.node_program()
_BODIES = dict(_FUNCTION.findall(_TEXT))
_STEP = r"^ *step (?P<step>[a-z-]+)$"
_CALL = rf"(?:^|[;&|{{!]|\b(?:if|then|else|do|until)\b) *(?P<call>{'|'.join(_BODIES)})\b"
_LINE = re.compile(f"{_STEP}|{_CALL}", re.MULTILINE)


def steps_of(function: str, *, without: Collection[str] = ()) -> tuple[str, ...]:
    """Return the steps of a function of the node's program in order, without those of the functions named."""
    found: list[str] = []
    for match in _LINE.finditer(_BODIES[function]):
        if match["step"]:
            found.append(match["step"])
        elif match["call"] not in (function, *without):
            found += steps_of(match["call"], without=(function, *without))
    return tuple(dict.fromkeys(found))


ALL = frozenset(re.findall(_STEP, _TEXT, re.MULTILINE))
# Where what somebody left behind is ended before a change begins: each of those steps is in another list.
_LEFT = ("settle",)
CONFIGURED = "configured"  # of a change whose config template is another; all others belong to every change
BEGIN = steps_of("begin", without=(*_LEFT, "undo", "adopt", "go_back", "refuse", "fail"))
ADOPT = steps_of("adopt", without=("fail",))
UNDO = steps_of("undo", without=("fail",))
CONFIRM = steps_of("confirm", without=("refuse",))
ROLLBACK = tuple(
    step for step in steps_of("rollback", without=(*_LEFT, "undo", "refuse", "fail")) if step != CONFIGURED
)
# What the controller does between the node's last step and its first word of the end.
PROOF = tuple(dict.fromkeys(re.findall(r"\b(_[a-z]+)\(reach", inspect.getsource(login.prove))))


def at_step(text: str, step: str, does: str, *, told: bool = True) -> str:
    """Return the program, which does this right after a step: after it is told, or before."""
    assert PLAIN in text
    parts = ['say "step $1"', f'[ "$1" != {step} ] || {does}']
    return text.replace(PLAIN, f"step() {{ {'; '.join(parts if told else reversed(parts))}; }}")
