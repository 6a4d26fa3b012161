"""Answers to the questions of a config template, as options of ``chezmoi init``."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from stentor.dotfiles.answer import Answer
from stentor.fleet.model import written

_YES = {"true": "true", "yes": "true", "false": "false", "no": "false"}


def options(variables: Mapping[str, Any], answers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the options which answer prompts, one a line of their file on the node.

    chezmoi finds an answer by the prompt's text and kind; a text that no prompt has is passed over. Only the
    template knows the kind, so an answer is given to each kind that takes it.

    Args:
        variables: a node's; those of the fleet file answer the prompts of their name.
        answers: of the command line, by the prompt's text.
    """
    told = {name: written(value) for name, value in variables.items() if isinstance(value, str | int | float)}
    found = []
    for text, answer in {**told, **answers}.items():
        if "\n" in text + answer:
            continue  # it would end the line
        kinds = ["String", "Choice", "Multichoice"]
        if re.fullmatch(r"[-+]?\d+", answer):
            kinds.append("Int")
        if answer.lower() in _YES:
            kinds.append("Bool")
        for kind in kinds:
            given = _YES[answer.lower()] if kind == "Bool" else answer
            found.append(f"--prompt{kind}={_field(f'{text}={given}')}")
    return tuple(found)


def answers_of(answer: Answer) -> dict[str, Any]:
    """Return the data of a node's chezmoi config, as it told them; without what by its name is a secret."""
    try:
        found = json.loads(answer.one("answers") or "{}")
    except ValueError:
        return {}
    return _harmless(found) if isinstance(found, dict) else {}


_SECRET = re.compile(
    r"pass(word|phrase|wd)?|secret|token|credential|private|api_?key|access_?key", re.IGNORECASE
)


def _harmless(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _harmless(value) if isinstance(value, dict) else value
        for name, value in data.items()
        if not _SECRET.search(name)
    }


_QUOTED = r'"(?:[^"\\]|\\.)*"'
_ARGUMENT = rf"(?!-}}}}|[|])(?:\([^)]*\)|{_QUOTED}|[^\s}})|\"]+)"
_PROMPT = re.compile(
    r"\bprompt(?P<kind>String|Bool|Int|Choice|Multichoice)"
    rf"(?:Once\s+\S+\s+(?P<path>{_QUOTED}))?\s+(?P<text>{_QUOTED})(?P<more>(?:\s+{_ARGUMENT})*)"
)


def unanswered(template: str, told: Collection[str], data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the texts of a config template's prompts that have neither an answer nor a default.

    Prompts whose text is no plain string are not seen.

    Args:
        told: texts of prompts that are answered.
        data: of the config as it was, where ``prompt*Once`` looks.
    """
    found: dict[str, None] = {}
    for match in _PROMPT.finditer(template):
        text, path = match["text"][1:-1], match["path"]
        # The last argument is the default; before it a choice has its choices.
        more = re.findall(_ARGUMENT, match["more"])
        has_default = len(more) > ("hoice" in match["kind"])
        if not (text in told or has_default or (path and _has(data, path[1:-1]))):
            found[text] = None
    return tuple(found)


def unknown_answer(text: str) -> str:
    """Say of a prompt that no answer of a node that is down is known."""
    return f'assumed: no answer of this node to the prompt "{text}" is known (--prompt, or a variable)'


def _has(data: Any, path: str) -> bool:
    for name in path.split("."):
        if not isinstance(data, Mapping) or name not in data:
            return False
        data = data[name]
    return True


def _field(text: str) -> str:
    """Return one answer as chezmoi reads it: a list as CSV, unless there is one "=" in all.

    With one "=" it takes the text as it is, but without quotes at its ends; so an empty answer follows where
    one of the others might be.
    """
    if not set(text) & {",", '"'} and text.count("=") == 1:
        return text
    return '"' + text.replace('"', '""') + '",='
