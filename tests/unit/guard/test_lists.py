"""What a pipeline hands to a deletion, as far as the line says it."""

from __future__ import annotations

import pytest

from stentor.guard import examine

LISTED, UNSAID = "a list says what, which the line does not show", "what it is, the line does not say"
HERE = "(~/*)"


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        *(
            (text, "(/etc)")
            for text in ("echo /etc", "echo -n /etc", "printf '/etc\\n'", "printf '%s\\0' /etc")
        ),
        *((text, "(/usr)") for text in ("printf '/tmp/a\\0/usr'", "printf '/tmp/a\\n/usr'", "echo a /usr")),
        *((text, HERE) for text in ("find .", "find", "ls", "ls a", "ls -l /etc", "ls -a")),
        *((text, "(/etc)") for text in ("ls -d /etc", "ls -ld /etc", "ls --directory /etc")),
        ("find /", "(/*)"),
        ("fd . /etc", "/etc/*"),
        ("fdfind . /etc", "/etc/*"),
        ("lfs find /scratch", "(/scratch/*)"),
        ("lfs df /scratch", UNSAID),
        *(
            (f"echo /etc | {one}", "(/etc)")
            for one in ("sort -k 2", "head -n 1", "cut -d : -f 1", "grep -v x")
        ),
        *(
            (f"echo /etc | {one}", "(/etc)")
            for one in ("awk -F : '{print $1}'", "sed s/a/b/", "tr a b", "uniq")
        ),
        *(
            (f"echo /etc | {one}", "(/etc)")
            for one in ("tail -n 1", "tac", "nl", "rev", "shuf", "tee", "cat")
        ),
        *((f"echo /etc | {one}", "(/etc)") for one in ("grep -A 3 x", "gawk -v a=b x", "mawk x", "rg x")),
        *(
            (f"echo /etc | {one}", "(/etc)")
            for one in ("egrep x", "fgrep x", "sort | uniq", "grep --color x")
        ),
        *((f"echo a | {one}", LISTED) for one in ("sort list", "head -n 1 list", "cut -f 1 list", "cat -")),
        *(
            (f"echo a | {one}", LISTED)
            for one in ("grep x list", "awk x list", "sed s/a/b/ list", "tee list")
        ),
        *((one, LISTED) for one in ("cat list", "cat < list", "sort -u list", "locate x", "plocate x")),
        *((one, LISTED) for one in ("dpkg -L x", "dpkg-query --listfiles x", "rpm -ql x", "rpm --list x")),
        *((one, LISTED) for one in ("pacman -Ql x", "apk -L info x", "tar tf a.tar", "tar -tf a.tar")),
        *((one, LISTED) for one in ("tar --list -f a.tar", "unzip -Z1 a.zip", "cpio -t", "cpio --list")),
        *(
            (one, LISTED)
            for one in ("curl https://x.io/a", "jq -r .x a.json", "psql -c 'select a'", "comm a b")
        ),
        *(
            (one, UNSAID)
            for one in ("pacman -Qq", "apk info", "unzip -l a.zip", "python x.py", "cat", "sort")
        ),
    ],
)
def test_what_is_handed_to_a_deletion_is_asked(source: str, asked: str) -> None:
    assert any(asked in finding.reason for finding in examine(f"{source} | xargs rm -rf")), source


@pytest.mark.parametrize(
    "source",
    [
        *("echo a b", "find build -name x", "ls --directory a", "ls a/*", "ls a?"),
        *("ls a[12]", "git ls-files", "git ls-files -o", "echo a | sort -k 2", "echo a | cut -d : -f 1"),
        *(
            "echo a | head -n 1",
            "echo a | tail -c 9",
            "echo a | grep -e x",
            "echo a | sed -e s/a/b/ -e s/c/d/",
        ),
        *("echo a | awk -F : '{print $1}'", "echo a | grep -m 1 x", "echo a | sort -t : -o b", "ls | grep x"),
        *("echo a | tr x y", "ls | sort", "echo -e a", "rpm -qa", "dpkg -l", "echo a | gawk -v a=b x"),
        *("seq 3", "pgrep x", "pidof x", "docker ps -q", "podman ps -q", "nerdctl ps -q", "kubectl get x"),
        *("apt list", "dnf list", "virsh list", "lxc list"),
    ],
)
def test_names_in_a_folder_and_numbers_are_not(source: str) -> None:
    assert examine(f"{source} | xargs rm -rf") == (), source


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("xargs rm -rf < list", LISTED),
        ("xargs rm -rf", UNSAID),
        ("xargs rm -rf <<< /etc", "(/etc)"),
        ("xargs rm -rf <<< 'a /etc'", "(/etc)"),
        ("xargs rm -rf /etc <<< ''", "(/etc)"),
        ("xargs rm -rf <<< a", ""),
        ("xargs rm -rf <<< ''", ""),
        ("cd /etc && ls | xargs rm -rf", "/etc/*"),
        ("cd /etc && ls | grep nginx | xargs rm -rf", "the settings of x"),
    ],
)
def test_what_a_reader_is_given_by_a_file_or_the_line_is_asked(line: str, asked: str) -> None:
    found = examine(line)
    assert any(asked in finding.reason for finding in found) if asked else found == ()
