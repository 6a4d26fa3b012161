"""What a wrapper runs: its own options and their values are not taken for it, and hide it never."""

from __future__ import annotations

import pytest

from stentor.guard import examine

RUN = """
    sudo -u bob reboot; sudo -ubob reboot; sudo -nu bob reboot; sudo --user bob reboot
    sudo --user=bob reboot
    sudo -Z x reboot; sudo -Z reboot; sudo --new reboot; sudo --new x reboot; sudo --new=x reboot
    sudo A=b C=d reboot; sudo -- reboot; sudo -u bob -- A=b reboot; doas -n reboot; pkexec --user bob reboot
    env -i A=b reboot; env - A=b reboot; env - reboot; env -u A reboot; nohup reboot; nice reboot
    nice -5 reboot; nice -n 5 reboot
    ionice -c3 -n7 reboot; ionice -t reboot; chrt -f 50 reboot; taskset -c 0 reboot; timeout 5 reboot
    timeout -k5 9 reboot; timeout -k 5 9 reboot; timeout --signal KILL 9 reboot; timeout --new 5 reboot
    time -p reboot; setsid -w reboot; stdbuf -oL reboot; stdbuf -o L reboot; unbuffer -p reboot
    command -p reboot; exec -a x reboot; chroot /mnt reboot; chroot --userspec bob /mnt reboot
    unshare -m reboot; nsenter -t 1 -a reboot; nsenter -t 1 -m -u reboot; systemd-run -p A=b reboot
    strace -f -o x reboot; ltrace -f reboot; linux32 reboot; linux64 reboot
    faketime -f now reboot; fakeroot reboot
    proxychains -q reboot; torsocks -p 9 reboot; gosu bob reboot; su-exec bob reboot
    s6-setuidgid bob reboot; chpst -u bob reboot; setpriv --reuid bob reboot; prlimit -o x reboot
    firejail --net=none reboot; busybox reboot; coproc reboot; spawn -noecho reboot; sshpass -p x reboot
    flock /x reboot; flock -n /x reboot; flock -w 5 /x reboot; flock --timeout 5 /x reboot
    setarch x86_64 reboot; setarch x86_64 -R reboot; setarch -R reboot; setarch --uname-2.6 x86_64 -R reboot
"""
PASS = """
    sudo -u reboot id; sudo --user reboot id; sudo --host reboot id; sudo -n echo reboot
    sudo --group reboot id; sudo --prompt reboot id; sudo --chdir reboot id; sudo --chroot reboot id
    sudo --role reboot id; sudo --type reboot id; sudo -nu reboot id; sudo -unobody echo reboot
    doas -u reboot id; doas -n echo reboot; pkexec --user reboot id; nice --adjustment reboot id
    nice -n reboot id; nice -5 echo reboot; ionice -c reboot id; ionice -t echo reboot
    ionice --class reboot id; ionice --classdata reboot id; env -u reboot id; env -i echo reboot
    env --unset reboot id; env --chdir reboot id; chrt -T 5 reboot id; chrt -f 9 echo reboot
    taskset -c 0 echo reboot; timeout -k reboot 9 id; timeout -v 9 echo reboot
    timeout --kill-after 5 reboot id; timeout --signal KILL reboot id; time -o reboot id
    time -p echo reboot; time --format reboot id; time --output reboot id; setsid -w echo reboot
    stdbuf -o reboot id; stdbuf --input reboot id; stdbuf --output reboot id
    stdbuf --error reboot id; unbuffer -p echo reboot; command -p echo reboot; exec -a reboot id
    exec -c echo reboot; chroot --userspec bob reboot id; chroot --groups x reboot id
    unshare -S reboot id; unshare -m echo reboot; unshare --root reboot id; unshare --wd reboot id
    unshare --setuid reboot id; unshare --setgid reboot id; unshare --propagation reboot id
    nsenter -t 1 -m echo reboot; nsenter --target reboot id; nsenter --root reboot id
    nsenter --wd reboot id; nsenter --setuid reboot id; nsenter --setgid reboot id
    systemd-run -u reboot id; systemd-run -q echo reboot; systemd-run --unit reboot id
    systemd-run --property reboot id; systemd-run --uid reboot id; systemd-run --gid reboot id
    systemd-run --slice reboot id; systemd-run --description reboot id; systemd-run --setenv reboot id
    systemd-run --on-calendar reboot id; systemd-run --on-active reboot id
    systemd-run --working-directory reboot id; strace -o reboot id; strace -f echo reboot
    ltrace -o reboot id; ltrace -f echo reboot; setarch x86_64 echo reboot; setarch x86_64 -R echo reboot
    setarch -R echo a; nohup A=b reboot
    timeout 5 A=b reboot; faketime -f now echo reboot
    fakeroot -s reboot id; fakeroot -u echo reboot; proxychains -f reboot id; proxychains -q echo reboot
    torsocks -p reboot id; torsocks -q echo reboot; chpst -u reboot id; chpst -v echo reboot
    setpriv --reuid reboot id; setpriv --regid reboot id; setpriv --groups reboot id; prlimit -o reboot id
    sshpass -f reboot id; sshpass -e echo reboot; flock -w 5 reboot id; flock -n /x echo reboot
    flock --timeout 5 reboot id; flock --wait 5 reboot id
    flock --conflict-exit-code 5 reboot id
    sudo -- echo reboot
    sudo; sudo -u; sudo A=b; timeout 5; env -u; timeout reboot; flock reboot; gosu reboot; chroot reboot
"""


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.replace("\n", ";").split(";") if line.strip()]


def test_what_a_wrapper_runs_is_asked_whatever_options_it_has() -> None:
    assert [line for line in lines(RUN) if not examine(line)] == []


def test_what_its_options_take_and_what_harmless_commands_are_told_is_not() -> None:
    assert [line for line in lines(PASS) if examine(line)] == []


@pytest.mark.parametrize("line", ["sudo -u bob sh -c 'A=b reboot'", "env A='x\ny' reboot", "sudo A= reboot"])
def test_a_variable_before_the_command_is_not_the_command(line: str) -> None:
    assert examine(line)
