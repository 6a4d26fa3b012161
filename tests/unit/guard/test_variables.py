"""Variables whose value a program runs."""

import pytest

from stentor.guard import examine


@pytest.mark.parametrize(
    "line",
    [
        "GIT_SSH_COMMAND=reboot git fetch",
        "GIT_SSH_COMMAND='ssh -o \"ProxyCommand=reboot\"' git fetch",
        "export GIT_SSH_COMMAND='reboot;'; git fetch",
        "PAGER='sh -c reboot' man ls",
        "env PAGER=reboot git log",
        "env -i HOME=/x PAGER=reboot man ls",
        "env -S 'PAGER=reboot man ls'",
        "sudo EDITOR=reboot visudo",
        "sudo -u bob SUDO_EDITOR=reboot sudoedit f",
        "declare -x VISUAL=reboot",
        "f() { local PAGER=reboot; git log; }; f",
        "RSYNC_RSH='sh -c reboot' rsync a h:",
        "LESSOPEN='|reboot %s' less f",
        "LESSOPEN='||-reboot %s' less f",
        "LESSOPEN='reboot %s' less f",
        "TAR_OPTIONS=--to-command=reboot tar xf a",
        "X=reboot; PAGER=$X man ls",
        "GIT_SEQUENCE_EDITOR=reboot git rebase -i main",
    ],
)
def test_command_in_a_variable_is_followed(line: str) -> None:
    assert {finding.rule for finding in examine(line)} == {"power"}


@pytest.mark.parametrize(
    "line",
    [
        "GIT_SSH_COMMAND='ssh -i ~/.ssh/deploy -o IdentitiesOnly=yes' git clone git@h:r.git",
        'GIT_SSH_COMMAND="ssh -i $KEY" git fetch',
        "EDITOR='tee -a' visudo",
        "echo 'a b' | sudo EDITOR='tee -a' visudo -f x",
        "GIT_SEQUENCE_EDITOR=\"sed -i 's/^pick/edit/'\" git rebase -i main",
        "export EDITOR=${EDITOR:-vim}",
        "export PAGER=",
        "PAGER=cat systemctl status ssh",
        "SYSTEMD_PAGER= systemctl status ssh",
        "MANPAGER=\"sh -c 'col -bx | bat -l man -p'\" man ls",
        "LESSOPEN='| /usr/bin/lesspipe %s' less f",
        "TAR_OPTIONS='--owner=0 --group=0' tar cf a b",
        "BASH_ENV=~/.bashrc bash -c 'module load gcc'",
        "env reboot=1 uptime",
        "env FOO=1 printenv PAGER=reboot",
        "NAME=reboot hostname",
    ],
)
def test_harmless_values_are_not_questioned(line: str) -> None:
    assert examine(line) == ()


def test_what_the_line_does_not_say_may_be_empty() -> None:
    assert {finding.rule for finding in examine("""PAGER='rm -rf "$D"/*' man ls""")} == {"remove-tree"}


def test_value_that_is_expanded_is_read_as_a_word() -> None:
    assert {finding.rule for finding in examine("BASH_ENV='$(reboot)' bash -c true")} >= {"power"}
