"""The tables of rules: every row finds a line made from it, and is silent where nothing is changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from stentor.guard import examine
from stentor.guard.calls import Call
from stentor.guard.match import ROWS, Found, Row, flags, judge, said
from stentor.guard.rules import NAMES
from stentor.guard.tools import TOOLS, Line, read_line, tool_of

SAMPLES = {
    "tree": "/etc", "lost": "/srv/www", "kept": "/etc/exports", "top": "/scratch", "empty": "/x/empty/",
    "contents": "/etc/*", "login": "/etc/passwd", "device": "/dev/sda", "disk": "/dev/sda", "onto": "/etc",
    "mount": "/home", "root": "/", "inroot": "etc/passwd", "ssh": "sshd", "net": "networking",
    "vital": "dbus", "core": "sudo", "unknown": "\ue000", "minus": "sudo-", "sshport": "22/tcp",
    "serving": "slurmctld", "stars": "s3://x/*", "part": "/etc/kubernetes", "nologin": "/etc/nologin",
    "sysfs": "/sys/bus/pci/devices/1/remove",
}  # fmt: skip
ALL = sorted((name, row) for name, found in ROWS.items() for row in found)


def example(name: str, row: Row) -> tuple[tuple[str, ...], Call]:
    """A command which this row is about."""
    options: list[str] = []
    operands: list[str] = []
    call: dict[str, Any] = {"cwd": ("~",)}
    for test in (test for test in row.when if not test.startswith("!")):
        place = re.fullmatch(r"(each|any|rest|last|init|into|inside|cwd|\d\+?)(?::(\w+)|=(.*))?", test)
        value = re.fullmatch(r"(-[^:=]+)(?:(:)(\w+)|=(.*))?", test)
        if test.startswith("reads:"):
            call["fed_by"] = (Call((test.removeprefix("reads:"),), ""),)
        elif place:
            wanted = SAMPLES[place[2]] if place[2] else _of((place[3] or "x").split(",")[0])
            if place[1] == "cwd":
                call["cwd"] = (wanted,)
            elif place[1] in ("into", "inside"):
                operands += ["a/.", wanted] if place[2] == "onto" else ["a", wanted]
            else:
                operands += ["x"] * (place[1].startswith("2") and not operands)
                operands += [wanted, "x"] if place[1] == "init" else [wanted]
        elif value:
            option = value[1].split("/")[0].replace("*", "x") if value[1] != "--del*" else "--delete"
            wanted = SAMPLES[value[3]] if value[3] else _of(re.split(r"(?<!\\),", value[4] or "")[0])
            valued = option in tool_of(name).valued
            if wanted and not valued:
                options.append(f"{option}={wanted}")
            else:
                options += [option, *([wanted or "x"] if valued else [])]
        else:
            operands.append(_of(test.removeprefix("..,").split(",")[0]))
    return (name, *options, *operands), Call((name,), "", **call)


def _of(form: str) -> str:
    return re.sub(r"\[[^]]*\]", "i", form.replace("\\,", ",")).replace("*", "1")


def test_every_row_is_sound_and_finds_what_it_is_about() -> None:
    """All of them at once: with a test for each of 1600 rows, pytest itself takes four fifths of the time."""
    assert [fault for name, row in ALL for fault in faults(name, row)] == []


def faults(name: str, row: Row) -> Iterator[tuple[str, object]]:
    """What is wrong with a row."""
    if not (row.rule in NAMES and row.reason and ".." not in row.when):
        yield "not sound", (name, row)
    kinds = [
        test for test in row.when if re.fullmatch(r"[\w/+*-]+:\w+", test) and not test.startswith("reads:")
    ]
    if "{}" in row.reason and not kinds:
        yield "says what no test of it finds", (name, row)
    words, call = example(name, row)
    if row.rule not in {rule for rule, _ in judge(words, call)}:
        yield "does not find", words
    for option in sorted(tool_of(name).harmless):
        if list(judge((name, option.removeprefix("."), *words[1:]), call)):
            yield f"finds in spite of {option}", words


def test_every_program_of_the_tables_has_a_source() -> None:
    described = {name for row in TOOLS for name in row[0].split() if row[3]}
    assert sorted(set(ROWS) - described) == []
    assert all(len(row) == 4 for row in TOOLS)


@pytest.mark.parametrize(
    ("line", "options", "operands"),
    [
        ("tar xzf b.tgz -C /", [("-x", ""), ("-z", ""), ("-f", "b.tgz"), ("-C", "/")], []),
        ("tar -xf b.tgz --directory=/ a", [("-x", ""), ("-f", "b.tgz"), ("--directory", "/")], ["a"]),
        ("dd if=a of=/b bs=1", [("if=", "a"), ("of=", "/b"), ("bs=", "1")], []),
        ("ip -br -family inet addr", [("-br", ""), ("-family", "inet")], ["addr"]),
        ("usermod -aG x y", [("-a", ""), ("-G", "x")], ["y"]),
        ("kubectl -n x delete pod y", [("-n", "x")], ["delete", "pod", "y"]),
        ("terraform apply --destroy", [("-destroy", "")], ["apply"]),
        ("rm -f -- -r x", [("-f", "")], ["-r", "x"]),
    ],
)
def test_words_are_read_as_the_program_reads_them(
    line: str, options: list[tuple[str, str]], operands: list[str]
) -> None:
    read: Line = read_line(tuple(line.split()))
    assert (list(read.options), list(read.operands)) == (options, operands)


@pytest.mark.parametrize(
    ("reason", "line", "expected"),
    [
        ("{name} removes {all}", "rm a b", "rm removes a b"),
        ("{name} from {first} to {last} :now", "cp a b c", "cp from a to c:now"),
        ("{first}, {last}", "cp", ", what the line does not name"),
        ("writes {}", "cp a", "writes /etc, if $x is empty"),
        ("{all}", "cp \ue000 b", "what the line does not name b"),
        ("{all}", "cp a\ue000b c", "a b c"),
    ],
)
def test_a_reason_is_said_of_the_line(reason: str, line: str, expected: str) -> None:
    found = Found("/etc", "if $x is empty") if "{}" in reason else Found()
    assert said(reason, read_line(tuple(line.split(" "))), found) == expected


def test_a_path_that_is_not_named_is_said_so() -> None:
    assert said("writes {}", read_line(("cp",)), Found("\ue000")) == "writes what the line does not name"
    assert said("writes {}", read_line(("cp",)), Found("a\ue000b")) == "writes a b"
    assert said("writes {}", read_line(("cp",)), Found()) == "writes what the line does not name"


@pytest.mark.parametrize(
    ("word", "said_of_it"),
    [
        ("\ue004", "something with all below it, and a list says what, which the line does not show"),
        ("\ue000/*", "everything (/*), if the variable is empty"),
    ],
)
def test_what_may_be_a_tree_is_told_with_its_condition(word: str, said_of_it: str) -> None:
    found = dict(judge(("rm", "-rf", word), Call(("rm",), "")))
    assert found == {"remove-tree": f"removes {said_of_it}"}


@pytest.mark.parametrize(
    "some_of_them",
    [("docker", "ps", "-f", "name=x"), ("docker", "ps", "--filter", "name=x"), ("grep", "x"), ("egrep", "x"),
     ("rg", "x")],
)  # fmt: skip
def test_what_a_filtered_list_names_is_not_everything(some_of_them: tuple[str, ...]) -> None:
    lists = Call(("docker", "ps", "-q"), "")
    whole = Call(("docker",), "", substitutes=(lists,))
    some = whole._replace(substitutes=(lists, Call(some_of_them, "")))
    line = ("docker", "rm", "\ue000")
    assert "prune" in {rule for rule, _ in judge(line, whole)}
    assert "prune" not in {rule for rule, _ in judge(line, some)}


def test_options_of_a_program_without_a_table_are_read_letter_by_letter() -> None:
    words = ("x", "-ab", "--long=1=2", "-", "file", "--", "-d")
    assert flags(words) == ({"a", "b", "--long"}, ["-", "file", "-d"])


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("shred /dev/sda", "write-device"),
        ("rm /etc/passwd", "login-file"),
        ("systemctl stop sshd", "lock-out"),
        ("apt remove sudo", "package"),
    ],
)
def test_a_file_or_service_called_status_does_not_make_the_rest_harmless(line: str, rule: str) -> None:
    words = (*line.split(), "status")
    assert rule in {found for found, _ in judge(words, Call(words[:1], "", cwd=("~",)))}


@pytest.mark.parametrize(
    "line", ["gluster volume remove-brick gv0 n3:/b", "ceph orch osd rm 3", "nodetool removenode ID"]
)
def test_how_a_removal_stands_is_no_removal(line: str) -> None:
    words = tuple(line.split())
    assert "drop-data" in {rule for rule, _ in judge(words, Call(words[:1], ""))}
    assert not list(judge((*words[:-1], "status"), Call(words[:1], "")))


def test_several_operands_of_one_form_are_one_finding() -> None:
    words = ("setpci", "a=1", "b=2")
    assert len(list(judge(words, Call(words, "")))) == 1


@pytest.mark.parametrize(
    ("line", "cwd", "shown"),
    [
        ("tar xf a.tar -C / etc/passwd", "~", "unpacks over /etc/passwd: logins need it"),
        ("cp x ~/.ssh/authorized_keys", "~", "~/.ssh/authorized_keys"),
        ("cp x passwd", "/etc", "/etc/passwd"),
        ("rsync x n1:/etc/passwd", "~", "/etc/passwd"),
    ],
)
def test_a_login_file_is_shown_by_its_whole_path(line: str, cwd: str, shown: str) -> None:
    words = tuple(line.split())
    found = dict(judge(words, Call(words[:1], "", cwd=(cwd,))))
    assert shown in found.get("login-file", ""), found


@pytest.mark.parametrize(
    ("asked", "passed"),
    [
        ("rm /etc/*", "rm /etc/motd"),
        ("chown bob /etc/shadow", "chown root /etc/shadow"),
        ("chown bob /tmp/a /etc/shadow", "chown bob /tmp/a /tmp/b"),
        ("chgrp -R bob /etc", "chgrp -R /etc ./a"),
        ("patch /etc/passwd a.diff", "patch a.conf /etc/passwd"),
        ("sed -i s/a/b/ a /etc/passwd", "sed -i /etc/passwd a"),
        ("sftp n1:a /etc/passwd", "sftp /etc/passwd a"),
        ("uniq a /etc/passwd", "uniq /etc/passwd a"),
        ("resize2fs /dev/sdb1 10G", "resize2fs /dev/sdb1"),
        ("zpool destroy tank", "zpool destroy"),
        ("cp -r a/. /usr/bin", "cp -r a /usr/bin/b"),
        ("cp -r -t /usr lib", "cp -r -t /tmp lib"),
        ("cp -r usr /", "cp -r a /"),
        ("cp passwd /etc", "cp motd /etc"),
        ("cp -r -t /etc a/*", "cp -r -t /etc a/motd"),
        ("rsync -a n1:pam.d /etc/", "rsync -a n1:a /etc/"),
        ("argocd app delete web", "argocd app get web"),
        ("bq --location=EU rm -t a.b", "bq --location=EU ls a.b"),
        ("nomad job stop -purge web", "nomad job status web"),
        ("kubectl label node n1 node-role.kubernetes.io/worker-", "kubectl label node n1 tier=web"),
        ("storcli /c0/e1/s1 set offline", "storcli /c0/e1/s1 show all"),
        ("helm upgrade web ./web --set replicas=0", "helm upgrade web ./web --set replicas=3"),
        ("zfs set readonly=on tank", "zfs set compression=on tank"),
        ("setpci -s 0:1.0 COMMAND=0", "setpci -s 0:1.0 COMMAND"),
        ("curl -XPATCH http://bmc/redfish/v1/Systems/1 -d x", "curl http://bmc/redfish/v1/Systems/1"),
        ("systemctl stop ssh", "systemctl status ssh stop"),
        ("ip link set eth0 down", "ip link show eth0 down"),
        ("ip l s eth0 down", "ip a s eth0"),
        ("rsync -a --delete a/ n1:/etc/", "rsync -a --delete /etc/ n1:/tmp/b"),
        ("cp a /dev/sda", "cp /dev/sda /tmp/a"),
        ("ddrescue /tmp/a /dev/sda", "cp a n1:/dev/sda"),
        ("dd if=a of=/dev/sda", "dd if=/dev/sda of=a"),
        ("crossplane a delete b", "crossplane .. a"),
        ("rsync -a .ssh n1:", "rsync -a etc a/ n1:"),
        ("ip l s eth0 down", "ip '' s eth0 down"),
        ("scp n1:passwd /etc", "scp n1:a:passwd /etc"),
        ("cp -r -t /usr a/*", "cp -r -t /usr a/motd"),
        ("rsync a n1:/etc/passwd", "rsync a n1:b:/etc/passwd"),
        ("rsync a n1:/etc/passwd", "rsync a ./n1:/etc/passwd"),
        ("rm /srv/www/*", "rm /srv/www"),
        ("tar xf a.tar -C / etc/ssh", "tar xf a.tar -C / srv/x"),
    ],
)
def test_a_word_counts_where_the_program_reads_it(asked: str, passed: str) -> None:
    assert examine(asked)
    assert not examine(passed)
