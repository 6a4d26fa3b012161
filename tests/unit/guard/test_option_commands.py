"""Commands in the options of programs which run them."""

import pytest

from stentor.guard import examine


@pytest.mark.parametrize(
    "line",
    [
        "git -c alias.x='!reboot' x",
        "git -c core.pager=reboot log",
        "git -c core.sshCommand=reboot fetch",
        "git config --global alias.x '!reboot'",
        "git rebase -x reboot main",
        "git rebase --exec=reboot main",
        "git submodule foreach reboot",
        "git bisect run reboot",
        "tar cf a b --checkpoint=1 --checkpoint-action=exec=reboot",
        "tar cf a b --checkpoint=1 --checkpoint-action exec=reboot",
        "tar xf a --to-command=reboot",
        "tar xf a --to-command reboot",
        "tar xf a -I reboot",
        "tar xIf reboot a",
        "tar cf a b --info-script=reboot",
        "rsync -ae reboot a b:",
        "rsync --rsh=reboot a b:",
        "rsync -a a b: --rsync-path='reboot; rsync'",
        "ssh -o ProxyCommand=reboot h true",
        "ssh -oProxyCommand=reboot h true",
        "ssh -o 'proxycommand reboot' h true",
        "ssh -o RemoteCommand=reboot h",
        "scp -o ProxyCommand=reboot a h:",
        "scp -S reboot a h:",
        "sftp -o LocalCommand=reboot h",
        "find . -exec reboot ';'",
    ],
)
def test_command_in_an_option_is_followed(line: str) -> None:
    assert {finding.rule for finding in examine(line)} == {"power"}


@pytest.mark.parametrize(
    "line",
    [
        "git config core.pager less",
        "git -c user.name=reboot commit",
        "git commit -m '! reboot'",
        "tar cf a b --checkpoint=1 --checkpoint-action=dot",
        "tar cf a b -I 'zstd -T0'",
        "tar xzf reboot",
        "rsync -ae 'ssh -p 22' a b:",
        'rsync -e "$RSH" a b:',
        'rsync -e "ssh -i $KEY" a b:',
        r"""printf 'reboot\n' | rsync -e "ssh -i $KEY" --files-from=- a b:""",
        'tar cf a b -I "pigz -p $N"',
        'ssh -o ProxyCommand="ssh -i $KEY -W %h:%p jump" h uptime',
        "rsync -a a b: --rsync-path='sudo rsync'",
        r"printf 'reboot\n' | rsync -e ssh --files-from=- a b:",
        "ssh -o BatchMode=yes h uptime",
        "ssh -NL 80:h:80 h",
        r"printf 'reboot\n' | ssh -o ProxyCommand='ssh -W %h:%p jump' h 'cat >f'",
        "scp -o BatchMode=yes a h:",
    ],
)
def test_harmless_options_are_not_questioned(line: str) -> None:
    assert examine(line) == ()


def test_what_the_line_does_not_say_may_be_empty() -> None:
    line = """tar xf a --to-command='rm -rf "$D"/*'"""
    assert {finding.rule for finding in examine(line)} == {"remove-tree"}
    line = line.replace("'", "").replace('"$D"', "$D").replace("rm -rf $D/*", '"rm -rf $D/*"')
    assert {finding.rule for finding in examine(line)} == {"remove-tree"}
