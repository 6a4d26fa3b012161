"""What people type who come from clush, pdsh, Ansible, ssh, tmux or terraform leads to what to type here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stentor.cli import habits
from stentor.cli.commands.completion import table
from stentor.cli.main import main
from tests.practice import Practice

# What is typed, and what the hint has.
TYPED = {
    "--plain run @all date": "STENTOR_PLAIN=1",
    "--no-color run @all date": "NO_COLOR=1",
    "--unknown run @all date": "stentor run -b @all COMMAND",
    "exec @all uptime": "stentor run SELECTOR COMMAND...",
    "login drtr": "stentor ssh NODE",
    "scp motd drtr:": "stentor copy SELECTOR FILE... DESTINATION",
    "list": "stentor nodes",
    "get nodes": "stentor nodes [NODE]",
    "nodeset -f @core": "stentor nodes --fold SELECTOR",
    "nodes -f @core": "stentor nodes --fold SELECTOR",
    "nodes -e @core": "stentor nodes -1 SELECTOR",
    "freeze": "stentor export tmux",
    "ps": "stentor services status",
    "pull": "stentor dotfiles apply SELECTOR",
    "copy motd": "stentor copy SELECTOR SOURCE... DESTINATION",
    "run": "stentor run SELECTOR COMMAND...",
    "deploy": "stentor services deploy",
    "logs chat": "stentor services logs",
    "plan": "stentor dotfiles plan, or stentor services plan",
    "load work.yaml": "stentor tmux open",
    "validate": "stentor check",
    "version": "stentor --version",
    "--verison": "did you mean '--version'?",
    "-w crtr,drtr uptime": "stentor run crtr,drtr uptime",
    "-b -w @core uptime": "stentor run @core uptime",
    "-g core uptime": "stentor run @core uptime",
    "-a uptime": "stentor run @all uptime",
    "-v -w": "stentor run NODES COMMAND...",
    "help config": "stentor help files",
    "ssh -p 22 drtr": "port: of the node in nodes.yaml",
    "ssh -A drtr": "stentor ssh --print NODE",
    "copy -r dir @core /tmp": "without an option",
    "playbook site.yml -CD": "-n shows what would change",
    "playbook site.yml --vault-password-file pw": "--vault-id default@FILE",
    "services backup wiki": "stentor services backup SERVICE -o FILE",
    "serve status": "stentor serve doctor",
    "node remove nctr": "to forget it, delete its lines in nodes.yaml",
    "playbook site.yml --list-tasks": "-n lists plays and nodes",
    "ansible drtr -a uptime": "stentor run SELECTOR COMMAND",
    "ansible drtr -l prtr": "the selector is the limit",
    "tmux load x": "stentor tmux open",
    "tmux ls": "stentor tmux list",
    "dotfiles diff": "stentor dotfiles plan",
    "dotfiles update": "stentor dotfiles apply SELECTOR",
    "dotfiles add .zshrc": "stentor dotfiles adopt NODE FILE",
    "services up": "stentor services deploy NAME",
    "services ps": "stentor services status",
    "node crtr": "stentor nodes crtr",
    "node rm crtr": "stentor node retire NODE",
    "node edti crtr state=up": "did you mean 'edit'?",
    "lab start": "stentor lab up",
    "lab break hang drtr": "stentor lab break drtr hang",
    "hook list": "stentor hook deliveries",
    "status --format json": "--json",
    "trust --accept drtr": "--yes",
    "top -d 5": "--interval",
    "serve --port 80": "--listen",
    "init --from hosts.ini": "--from TOOL PATH",
    "script hello.sh @all": "stentor run --script FILE SELECTOR",
    "fix crtr": "stentor doctor NODE --fix",
    "crtr uptime": "if it names nodes: stentor run crtr COMMAND",
    "-i hosts.ini nodes": "stentor init DIR --from ansible FILE",
    "--inventory=hosts.ini nodes": "stentor --fleet DIR COMMAND",
    "run --serial 2 @core true": "one wave after the other: --waves N",
    "copy --sudo @all motd /etc/": "stentor run --sudo SELECTOR",
    "shell @core uptime": "for one command: stentor run @core uptime",
    "ansible @core ping": "stentor ansible @core -m ping",
    "export ssh-config": "stentor export ssh",
    "history crtr": "stentor history --node crtr",
    "history --failed": "stentor history --outcome failed",
    "dotfiles history": "stentor history --kind dotfiles",
    "run --forks 5 @core true": "--window N",
    "run -A @core true": "ForwardAgent",
}


@pytest.mark.parametrize("words", TYPED)
def test_a_habit_leads_to_what_is_typed_here(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words.split()) == 2
    said = capsys.readouterr().err
    assert TYPED[words] in said.partition("hint: ")[2], said
    assert len(said.splitlines()) == 2


SELECTORS = {
    "copy motd @core /tmp/motd": "nodes come first: stentor copy @core motd /tmp/motd",
    "copy a b crtr,drtr /tmp/": "nodes come first: stentor copy crtr,drtr a b /tmp/",
    "copy motd crtr:/tmp": "nodes come first: stentor copy crtr motd /tmp",
    "copy motd @core:": "nodes come first: stentor copy @core motd ./",
    "fetch crtr:/etc/hostname .": "nodes come first: stentor fetch crtr /etc/hostname .",
    "fetch /etc/hostname @core names/": "nodes come first: stentor fetch @core /etc/hostname names/",
    "copy motd drt:/tmp": "stentor copy SELECTOR SOURCE... DESTINATION",
    "copy motd crt /tmp": "nodes are",
    "doctor uv crtr": "nodes come first: stentor doctor crtr uv",
    "doctor crtr drt": "did you mean 'drtr'?",
    "doctor crrtr drtr": "did you mean 'crtr'?",
    "copy crrtr motd crtr": "did you mean 'crtr'?",
    "run crrtr ping drtr": "did you mean 'crtr'?",
    "copy crtr:/etc/hostname .": "nodes come first: stentor fetch crtr /etc/hostname .",
    "fetch motd crtr:/tmp": "nodes come first: stentor copy crtr motd /tmp",
    "tmux open --attach-remote @core": "stentor tmux open @core --attach-remote",
    "dotfiles adopt .zshrc crtr": "nodes come first: stentor dotfiles adopt crtr .zshrc",
    "playbook @core site.yml": "the file comes first: stentor playbook site.yml @core",
    "run uptime @core": "the selector comes first: stentor run @core uptime",
    "run ls -l @all": "the selector comes first: stentor run @all ls -l",
    "run ls -l crtr,drtr": "the selector comes first: stentor run crtr,drtr ls -l",
    "run crtr -b @gpu": "options come before the selector: stentor run -b ... crtr COMMAND",
    "run ls -l": "options come before the selector: stentor run -l ... ls COMMAND",
    "services logs chat crtr": "nodes are the value of an option: --on crtr",
    "services backup chat -o /tmp/x crtr": "nodes are the value of an option: --on crtr",
    "run user@crtr uptime": "write 'crtr', and the login name as an option: --user user",
    "run @all:!core uptime": "not by ':' as in Ansible",
    "run crtr:drtr uptime": "not by ':' as in Ansible",
    "run @core,!drtr uptime": "an operator stands between two names",
    "run ^hosts uptime": "stentor run --hostfile FILE COMMAND",
    "run core uptime": "did you mean the group '@core'?",
}


@pytest.mark.parametrize("words", SELECTORS)
def test_a_selector_of_another_tool_leads_to_ours(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = Practice(monkeypatch).run(*words.split())
    assert ran.code == 2
    assert SELECTORS[words] in ran.said, ran.said


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("run", "a; b", "@all"), "stentor run @all 'a; b'"),
        (("run", "--sudo", "nobody", "crtr", "echo 'a  b'; true"), "--sudo=nobody crtr 'echo "),
        (("run", "--script", "@all", "my own.sh"), "stentor run --script 'my own.sh' @all"),
        (("ansible", "@core", "shell", "df", "/"), "stentor ansible @core -m shell -a 'df /'"),
        (("shell", "crtr", "df  /"), "stentor run crtr 'df  /'"),
    ],
)
def test_a_hint_can_be_typed_as_it_stands(
    words: tuple[str, ...], hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = Practice(monkeypatch).run(*words)
    assert (ran.code, hint in ran.said) == (2, True), ran.said


def test_a_file_of_nodes_behind_at_leads_to_its_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    practice = Practice(monkeypatch)
    assert "groups are" in practice.run("run", "@hosts.txt", "uptime").said
    (tmp_path / "hosts.txt").write_text("crtr\n")
    said = practice.run("run", "@hosts.txt", "uptime").said
    assert "nodes from a file: stentor run --hostfile hosts.txt COMMAND" in said, said


def test_a_live_set_with_a_number_is_no_pattern_of_ansible(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Ansible" not in Practice(monkeypatch).run("run", "@failed:x", "true").said


def test_each_command_and_verb_that_is_proposed_is_there() -> None:
    places = set(table())
    tables = [habits._COMMANDS, *habits._VERBS.values(), *habits._OPTIONS.values()]
    for told in (hint for known in tables for hint in known.values()):
        for words in re.findall(r"stentor ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)?)", told):
            name, _, verb = words.partition(" ")
            verbs = {place.partition(" ")[2] for place in places if place.startswith(f"{name} ")}
            assert name in places or name == "help", told
            assert not (verb and verbs) or verb in verbs, told


def test_no_habit_hides_a_command_or_a_verb() -> None:
    places = set(table())
    assert not {word for words in habits._COMMANDS for word in words} & places
    for name, verbs in habits._VERBS.items():
        assert not {f"{name} {word}" for words in verbs for word in words} & places


def test_nodes_behind_a_command_are_seen_without_a_fleet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--fleet", str(tmp_path / "none"), "run", "ls", "-l", "@all"]) == 2
    assert "hint: the selector comes first: stentor run @all ls -l\n" in capsys.readouterr().err
