"""Small repositories, each of a kind, rolled out beside chezmoi alone on a twin: see ``tests/parity.py``."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Mapping
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

import pytest

from stentor.dotfiles import program
from tests.integration.dotfiles.practice import FACTS, SHELLS, START, Home
from tests.parity import Parity
from tests.support import need, need_root

Files = Mapping[str, str | None]
APPEND = "#!/bin/sh\necho {} >>~/ran\n"

SCRIPT = "#!/bin/sh\necho once >>~/ran; printf '#!/bin/sh\\necho 42\\n' >~/gen; chmod +x ~/gen\n"
VERSION = 'output "git" "-C" .chezmoi.workingTree "rev-parse" "HEAD" "--abbrev-ref" "HEAD"'
PATHS = """{{ .chezmoi.sourceDir }} {{ .chezmoi.workingTree | sha256sum }} {{ env "CHEZMOI_SOURCE_DIR" }}
{{ include "settings/app.json" }} {{ include (joinPath .chezmoi.sourceDir "settings/app.json") }}
"""
ODD = ('dot_a"b', "dot_a\\b", "dot_a\tb", "dot_a b ", "dot_\u00e9", "dot_it's", "dot_-n", "dot_a -> b")

REPOSITORIES: dict[str, tuple[Files, Files]] = {
    "links into the source": (
        {".chezmoi.toml.tmpl": 'mode = "symlink"\n', "dot_aliases": "alias a=b\n", "dot_config/app/x": "1\n"},
        {"dot_aliases": "alias a=c\n", "dot_config/app/y": "2\n", "dot_new": "new\n"},
    ),
    "paths of the source": (
        {
            ".chezmoiscripts/run_onchange_after_x.sh.tmpl": APPEND.format("{{ .chezmoi.sourceDir }}"),
            "dot_config/app/symlink_settings.json.tmpl": "{{ .chezmoi.sourceDir }}/settings/app.json\n",
            "dot_dots.tmpl": PATHS,
            "settings/app.json": "{}\n",
            ".chezmoiignore": "settings\n",
        },
        {"settings/app.json": '{"a": 1}\n', "dot_more.tmpl": PATHS},
    ),
    "the source in the config": (
        {
            ".chezmoi.toml.tmpl": "sourceDir = {{ .chezmoi.sourceDir | quote }}\n[data]\n  x = 1\n",
            "dot_x.tmpl": "x={{ .x }}\n",
        },
        {"dot_x.tmpl": "x is {{ .x }}\n"},
    ),
    "a config template that comes later": (
        {"dot_x": "1\n"},
        {".chezmoi.toml.tmpl": '[data]\n  x = "y"\n', "dot_x": "2\n"},
    ),
    "git in a template": ({"dot_version.tmpl": f"{{{{ {VERSION} }}}}"}, {"other": "x\n"}),
    "a root with blanks": (
        {
            ".chezmoiroot": "home \r\n",
            "home/dot_x.tmpl": "x={{ .x }}\n",
            "home/.chezmoi.toml.tmpl": '[data]\n  x = "y"\n',
        },
        {"home/dot_x.tmpl": "now x={{ .x }}\n"},
    ),
    "names": (dict.fromkeys(ODD, "1\n"), {**dict.fromkeys(ODD[:6], "2\n"), ODD[6]: None}),
    "a file becomes a folder and the reverse": (
        {"dot_a": "file\n", "dot_b/c": "c\n", "dot_b/d/e": "e\n", "symlink_dot_l": ".b\n"},
        {
            **dict.fromkeys(("dot_a", "dot_b/c", "dot_b/d/e", "symlink_dot_l")),
            "dot_a/deep/x": "x\n",
            "dot_b": "file\n",
            "dot_l/in": "x\n",
        },
    ),
    "links to odd places": (
        {
            "symlink_dot_l": '{\n  "a": 1\n}\n',
            "symlink_dot_m": "a\n\n b\tc",
            "symlink_dot_z": "x",
            "dot_x": "1\n",
        },
        {
            "symlink_dot_l": '{\n  "a": 2\n}\n',
            "symlink_dot_n": "one\n-rw-r--r-- two",
            "symlink_dot_m": "\u00e9\n",
        },
    ),
    "modes": (
        {"private_dot_config/app/conf": "v1\n", "dot_bin/x": "x\n"},
        {
            **dict.fromkeys(("private_dot_config/app/conf", "dot_bin/x")),
            "dot_config/app/conf": "v2\n",
            "dot_bin/executable_x": "x\n",
            "dot_bin/private_readonly_y": "y\n",
        },
    ),
    "scripts": (
        {
            "run_once_before_tool.sh": SCRIPT,
            "dot_v.tmpl": '{{ output (joinPath .chezmoi.homeDir "gen") | trim }}\n',
            "run_always.sh": APPEND.format("always"),
        },
        {"run_onchange_after_z.sh": APPEND.format("changed"), "dot_v.tmpl": "none\n"},
    ),
    "a hook makes what templates need": (
        {
            ".chezmoi.toml.tmpl": "[hooks.read-source-state.pre]\ncommand = 'sh'\n"
            'args = [{{ joinPath .chezmoi.sourceDir ".hook" | quote }}]\n',
            ".hook": 'cp "${0%/*}/made" ~/gen; echo hook >>~/ran\n',
            "dot_v.tmpl": '{{ output "cat" (joinPath .chezmoi.homeDir "gen") | trim }}\n',
            "made": "1\n",
            ".chezmoiignore": "made\n",
        },
        {"made": "2\n"},
    ),
    "removals": (
        {"exact_dot_e/a": "a\n", "exact_dot_e/b": "b\n", "dot_gone": "x\n"},
        {"exact_dot_e/a": None, "dot_gone": None, ".chezmoiremove": ".gone\n"},
    ),
}


EDITED: dict[str, tuple[Files, Files]] = {
    "attributes": (
        {
            "private_executable_dot_a": "1\n",
            "readonly_dot_b": "1\n",
            "exact_private_dot_c/readonly_x": "1\n",
            "modify_private_executable_dot_d": "#!/bin/sh\ncat; echo x\n",
            "literal_dot_e": "1\n",
        },
        {
            **dict.fromkeys(
                (
                    "private_executable_dot_a",
                    "exact_private_dot_c/readonly_x",
                    "modify_private_executable_dot_d",
                )
            ),
            "executable_dot_a": "1\n",
            "readonly_dot_b": "2\n",
            "exact_private_dot_c/readonly_y": "1\n",
            "modify_dot_d": "#!/bin/sh\ncat; echo y\n",
        },
    ),
    "made once, empty, removed": (
        {
            "create_dot_a": "1\n",
            "create_private_dot_b": "1\n",
            "exact_dot_c/create_d": "1\n",
            "empty_dot_e": "",
            "dot_f": "",
            "dot_g/x": "1\n",
        },
        {
            **dict.fromkeys(("create_private_dot_b", "dot_g/x", "empty_dot_e")),
            "create_dot_a": "2\n",
            "remove_dot_b": "",
            "remove_dot_g/remove_x": "",
            "exact_dot_c/create_d": "2\n",
        },
    ),
}


@pytest.mark.parametrize("kind", EDITED)
def test_edits_give_way_as_to_chezmoi_alone_and_come_back(tmp_path: Path, kind: str) -> None:
    home = Home(str(tmp_path))
    first, second = map(home.commit, EDITED[kind])
    try:
        assert Parity(home, edits=True).compare(first, second) == []
    finally:
        home.kill_all()


# A file that scripts have written stays, which the plan says.
EFFECTS = ("ran", "gen")


@pytest.mark.parametrize("kind", REPOSITORIES)
def test_as_chezmoi_alone(tmp_path: Path, kind: str) -> None:
    home = Home(str(tmp_path), shell=list(SHELLS)[len(kind) % len(SHELLS)])
    first, second = map(home.commit, REPOSITORIES[kind])
    try:
        found = Parity(home, effects=EFFECTS).compare(first, second)
        assert found == []
    finally:
        home.kill_all()


ELSEWHERE = ("paths of the source", "links into the source", "a root with blanks")


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_a_plan_says_the_same_without_namespaces_and_as_an_ordinary_user(kind: str) -> None:
    need_root()
    # Not below pytest's own folder: nobody else may look into that.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        os.chmod(folder, 0o755)
        compare_plans(Home(folder), kind)


def compare_plans(home: Home, kind: str) -> None:
    first, second = map(home.commit, REPOSITORIES[kind])
    home.begin(first, op="first", remote=home.remote)
    home.confirm("first")
    home.run("settle", op="first")
    before = home.manifest()
    said = {}
    for how in ("root", "none", "user"):
        text = program.compose(facts=FACTS)
        words = [
            "sh",
            "-c",
            START,
            "stentor",
            "plan",
            f"rev={second}",
            f"remote={home.remote}",
            "branch=main",
        ]
        if how == "none":
            assert "unshare -m" in text
            text = text.replace("unshare -", "false -")
        if how == "user":
            subprocess.run(["chown", "-R", "65534:65534", home.folder], check=True)
            words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *words]
        done = subprocess.run(words, input=text, env=home.environment, capture_output=True, text=True)
        lines = done.stdout.splitlines()
        assert lines[-1] == "end 0", done
        assert home.manifest() == before
        warned = [line for line in lines if line.startswith("warning no mount namespace")]
        assert len(warned) == (how == "none"), lines
        said[how] = sorted(line for line in lines if line.startswith("change "))
    assert said["root"] == said["user"] == said["none"]
    home.kill_all()


def prepared(home: Home, script: str) -> None:
    """Run lines of sh with the remote as $R and its working copy as $W."""
    environment = {**home.environment, "R": home.remote, "W": home.work}
    subprocess.run(["sh", "-euc", script], env=environment, check=True, cwd=home.folder)


CONFIG = '[user]\nname = n\nemail = n@example.org\n[protocol "file"]\nallow = always\n'


def test_tags_come_as_by_a_pull(tmp_path: Path) -> None:
    """For templates that ask git which version this is; a tag of the clone's own stays."""
    home = Home(str(tmp_path))
    ask = 'output "git" "-C" .chezmoi.workingTree "describe" "--tags" "--always"'
    first = home.commit({"dot_version.tmpl": f"{{{{ {ask} }}}}"})
    home.git("tag", "-a", "v1", "-m", "one")
    home.git("push", "-q", "origin", "v1")
    second = home.commit({"dot_x": "x\n"})
    home.git("tag", "v2")
    home.git("push", "-q", "origin", "v2")
    try:
        parity = Parity(home)
        assert parity.compare(first, second) == []
        assert parity.reached["second"].files[".version"][2] == b"v2\n"
    finally:
        home.kill_all()


def test_the_clone_is_not_ahead_of_a_remote_that_the_fleet_spells_otherwise(tmp_path: Path) -> None:
    home = Home(str(tmp_path))
    home.commit({"dot_x": "1\n"})
    home.clone()
    clone = os.path.join(home.home, ".local/share/chezmoi")
    rev = home.commit({"dot_x": "2\n"})
    assert home.begin(rev, remote=f"file://{home.remote}/", limit="250").code == 0
    said = home.git("status", "--porcelain", "--branch", cwd=clone)
    assert said == "## main...origin/main"
    home.kill_all()


@pytest.mark.parametrize("how", ["status", "plan", "begin"])
def test_no_program_that_watches_files_is_started(tmp_path: Path, how: str) -> None:
    home = Home(str(tmp_path))
    rev = home.commit({"dot_x": "x\n"})
    home.clone()
    log = os.path.join(home.folder, "asked")
    clone = os.path.join(home.home, ".local/share/chezmoi")
    home.write(os.path.join(clone, ".git/watch"), f"#!/bin/sh\necho asked >>{log}\nexit 1\n", 0o755)
    home.git("config", "core.fsmonitor", ".git/watch", cwd=clone)
    rev = home.commit({"dot_x": "y\n"})
    assert home.run(how, rev=rev, op="one", token="t", branch="main").code == 0
    assert not os.path.exists(log)
    home.kill_all()


@pytest.mark.parametrize("exact", ["", "exact_"])
def test_submodules_are_as_after_chezmoi_alone(tmp_path: Path, exact: str) -> None:
    """One in another, and both move."""
    home = Home(str(tmp_path))
    home.signers = os.path.join(home.folder, "gitconfig")
    home.write(home.signers, CONFIG)
    prepared(home, "git init -q -b main deep; cd deep; echo D=1 >deep.sh; git add .; git commit -qm a")
    prepared(home, f"git init -q -b main lib; cd lib; echo P=1 >plugin.sh; "
             f"git submodule --quiet add {home.folder}/deep deep; git add .; git commit -qm a")  # fmt: skip
    folder = f"{exact}dot_zplug"
    ignored = ".zplug/.git\n.zplug/deep/.git"
    prepared(home, f"cd work; git submodule --quiet add {home.folder}/lib {folder}; git submodule --quiet "
             f"update --init --recursive; echo '{ignored}' >.chezmoiignore")  # fmt: skip
    first = home.commit({})
    prepared(home, f"cd deep; echo D=2 >deep.sh; git add .; git commit -qm b; cd ../lib/deep; git pull -q; "
             f"cd ..; echo P=2 >plugin.sh; echo new >more; git add .; git commit -qm b; "
             f"cd ../work/{folder}; git pull -q")  # fmt: skip
    second = home.commit({})
    try:
        parity = Parity(home)
        assert parity.compare(first, second) == []
        files = parity.reached["second"].files
        assert (files[".zplug/plugin.sh"][2], files[".zplug/deep/deep.sh"][2]) == (b"P=2\n", b"D=2\n")
    finally:
        home.kill_all()


SUBMODULE = (
    "for n in lib deep; do git init -q -b main $n; (cd $n; echo 1 >p; git add .; git commit -qm a); done; "
    "cd work; git submodule --quiet add $PWD/../lib dot_z; printf '.z/.git\n.z/deep/.git\n' >.chezmoiignore"
)
MOVED = "cd lib; echo 2 >p; git commit -qam b; cd ../work/dot_z; git pull -q"
LEFT = "[update]\nrecurseSubmodules = false\n"
ON_BRANCH = "cd dot_z; git checkout -q -B main; git branch -q -u origin/main"


@pytest.mark.parametrize(
    ("config", "init", "script", "changed"),
    [
        pytest.param("", ["--recurse-submodules=false"], "", MOVED, id="not asked for"),
        pytest.param("", [], "", "cd lib; git submodule --quiet add $PWD/../deep deep; git commit -qm b; "
                     "cd ../work/dot_z; git pull -q", id="another in one"),
        pytest.param("", [], ON_BRANCH, MOVED, id="on a branch"),
        pytest.param(LEFT, [], "", MOVED, id="left by the settings"),
    ],
)  # fmt: skip
def test_submodules_are_as_after_a_pull(
    tmp_path: Path, config: str, init: list[str], script: str, changed: str
) -> None:
    home = Home(str(tmp_path))
    home.signers = os.path.join(home.folder, "gitconfig")
    home.write(home.signers, CONFIG)
    home.write(os.path.join(home.home, ".config/chezmoi/chezmoi.toml"), config)
    prepared(home, SUBMODULE)
    first = home.commit({})
    prepared(home, changed)
    second = home.commit({"dot_x": "x\n"})
    try:
        assert Parity(home).compare_update(first, second, *init, script=script) == []
        third = home.commit({"dot_x": "y\n"})
        assert home.run("plan", rev=third).all("conflict") == []
    finally:
        home.kill_all()


def test_a_remote_has_the_name_that_the_nodes_git_gives_it(tmp_path: Path) -> None:
    home = Home(str(tmp_path))
    home.signers = os.path.join(home.folder, "gitconfig")
    home.write(home.signers, CONFIG + "[clone]\ndefaultRemoteName = upstream\n")
    first, second = home.commit({"dot_x": "1\n"}), home.commit({"dot_x": "2\n"})
    try:
        assert Parity(home).compare(first, second) == []
        third = home.commit({"dot_x": "3\n"})
        assert home.run("plan", rev=third).all("change") == [" M .x"]
    finally:
        home.kill_all()


def test_git_crypt_on_the_node_opens_what_it_holds(tmp_path: Path) -> None:
    need("git-crypt")
    home = Home(str(tmp_path))
    home.signers = os.path.join(home.folder, "gitconfig")
    home.write(home.signers, CONFIG)
    prepared(home, "cd work; git-crypt init; git-crypt export-key ../key")
    first = home.commit(
        {
            ".gitattributes": "dot_secret filter=git-crypt diff=git-crypt\n",
            "dot_secret": "one\n",
            "dot_x": "1\n",
        }
    )
    assert home.begin(first, op="locked", remote=home.remote).code == 0
    assert home.manifest()[".secret"][2].startswith(b"\0GITCRYPT")
    assert home.confirm("locked").code == 0
    home.run("settle", op="locked")
    clone = os.path.join(home.home, ".local/share/chezmoi")
    prepared(home, f"cd {clone}; git-crypt unlock {home.folder}/key")
    second = home.commit({"dot_secret": "two\n"})
    planned = home.run("plan", rev=second, remote=home.remote)
    assert planned.all("change") == [" M .secret"], planned
    before = home.manifest()
    assert home.begin(second, op="open").code == 0
    assert home.manifest()[".secret"][2] == b"two\n"
    assert home.git("status", "--porcelain", cwd=clone) == ""
    assert home.run("revert", op="open").all("state") == ["reverted"]
    assert home.manifest() == before
    assert home.git("status", "--porcelain", cwd=clone) == ""
    home.kill_all()


def test_large_files_come_by_the_nodes_own_lfs(tmp_path: Path) -> None:
    need("git-lfs")
    home = Home(str(tmp_path))
    home.signers = os.path.join(home.folder, "gitconfig")
    lfs = '[filter "lfs"]\nclean = git-lfs clean -- %f\nsmudge = git-lfs smudge -- %f\n'
    home.write(home.signers, CONFIG + lfs + "process = git-lfs filter-process\nrequired = true\n")
    first = home.commit(
        {".gitattributes": "*.bin filter=lfs\n", "dot_tool.bin": "one\n" * 99, "dot_x": "1\n"}
    )
    prepared(home, "cd work; git lfs push origin main")
    second = home.commit({"dot_tool.bin": "two\n" * 99})
    prepared(home, "cd work; git lfs push origin main")
    try:
        parity = Parity(home)
        assert parity.compare(first, second) == []
        assert parity.reached["second"].files[".tool.bin"][2] == b"two\n" * 99
    finally:
        home.kill_all()


AGE = """encryption = "age"
useBuiltinGit = true
[age]
identity = "~/.key"
recipient = "{0}"
[scriptEnv]
MINE = "of the script"
[interpreters.py]
command = "{1}"
"""
RUN = "import os\nopen(os.path.expanduser('~/ran'), 'a').write(os.environ['MINE'] + '{}\\n')\n"


def test_what_age_encrypts_and_the_settings_of_scripts_are_as_with_chezmoi_alone(tmp_path: Path) -> None:
    need("age")
    home = Home(str(tmp_path))
    prepared(home, "age-keygen -o home/.key 2>/dev/null; age-keygen -y home/.key >recipient")
    recipient = (tmp_path / "recipient").read_text().strip()

    def age(text: str) -> str:
        words = ["age", "-a", "-r", recipient]
        return subprocess.run(words, input=text, capture_output=True, text=True, check=True).stdout

    def files(number: int) -> Files:
        return {
            "encrypted_private_dot_secret.age": age(f"{number}\n"),
            "encrypted_dot_system.tmpl.age": age(f"{{{{ .chezmoi.os }}}} {number}\n"),
            "dot_inner.tmpl": '{{ include ".inner.age" | decrypt }}',
            ".inner.age": age(f"inner {number}\n"),
            "run_onchange_b.py": RUN.format(number),
        }

    first = home.commit({".chezmoi.toml.tmpl": AGE.format(recipient, sys.executable), **files(1)})
    second = home.commit(files(2))
    try:
        parity = Parity(home, effects=EFFECTS)
        assert parity.compare(first, second) == []
        assert parity.reached["second"].files[".inner"][2] == b"inner 2\n"
        assert parity.reached["second"].files["ran"][2] == b"of the script1\nof the script2\n"
    finally:
        home.kill_all()


@pytest.mark.parametrize("option", ["--filter=blob:none", "--depth=1"])
def test_a_clone_with_a_part_of_its_objects_is_as_after_a_pull(tmp_path: Path, option: str) -> None:
    home = Home(str(tmp_path))
    home.git("config", "uploadpack.allowFilter", "true", cwd=home.remote)
    home.commit({"dot_x": "0\n"})
    first = home.commit({"dot_x": "1\n", "dot_y": "1\n"})
    home.commit({"dot_x": "11\n"})
    second = home.commit({"dot_x": "2\n"})
    parity = Parity(home)
    home.git("update-ref", "refs/heads/main", first, cwd=home.remote)
    home.git("clone", "-q", option, parity.url, f"{home.home}/.local/share/chezmoi", cwd=home.folder)
    try:
        assert parity.compare_update(first, second) == []
    finally:
        home.kill_all()


def test_a_root_that_the_revision_changes_is_as_after_a_second_update(tmp_path: Path) -> None:
    """``chezmoi update`` has read the old one before it pulls, and applies that once more."""
    home = Home(str(tmp_path))
    first = home.commit(
        {".chezmoiroot": "old\n", "old/dot_x": "old\n", "new/dot_x": "new\n", "new/dot_b": ""}
    )
    second = home.commit({".chezmoiroot": "new\n", "old/dot_x": "newer\n", "new/dot_b": "b\n"})
    home.git("update-ref", "refs/heads/main", first, cwd=home.remote)
    home.chezmoi("init", "--apply", f"file://{home.remote}")
    home.git("update-ref", "refs/heads/main", second, cwd=home.remote)
    prepared(home, "cp -a home before")
    for found in (b"newer\n", b"new\n"):
        home.chezmoi("update", "--force")
        assert home.manifest()[".x"][2] == found
    twice = home.manifest()
    prepared(home, "rm -r home; cp -a before home")
    assert home.begin(second, remote=f"file://{home.remote}").code == 0
    home.confirm()
    home.run("settle", op="op1")
    changing = ".config/chezmoi/chezmoistate.boltdb"
    assert {**home.manifest(), changing: ()} == {**twice, changing: ()}
    home.kill_all()


def test_filters_of_the_nodes_own_git_are_used(tmp_path: Path) -> None:
    home = Home(str(tmp_path))
    home.signers = os.path.join(home.folder, "gitconfig")
    home.write(home.signers, CONFIG)
    first = home.commit(
        {".gitattributes": "dot_secret filter=rot\n", "dot_secret": "gbxra\n", "dot_x": "1\n"}
    )
    second = home.commit({"dot_secret": "arj gbxra\n"})
    home.write(
        home.signers, CONFIG + '[filter "rot"]\nsmudge = tr a-z n-za-m\nclean = tr a-z n-za-m\nrequired\n'
    )
    try:
        parity = Parity(home)
        assert parity.compare(first, second) == []
        assert parity.reached["second"].files[".secret"][2] == b"new token\n"
    finally:
        home.kill_all()


PACK = """mkdir -p pack/in/deep pack/out; echo 1 >pack/in/a; echo x >pack/in/deep/b; echo x >pack/out/x
printf '#!/bin/sh\n' >pack/run; chmod +x pack/run; ln -s run pack/link; tar -czf 1.tgz pack
echo 2 >pack/in/a; rm pack/in/deep/b; echo 3 >pack/in/new; tar -czf 2.tgz pack"""
EXTERNALS = """[".pack"]
type = "archive"
url = "file://{0}/{1}.tgz"
stripComponents = 1
exact = true
exclude = ["*/out/**"]
include = ["*/in/**", "*/out/**", "*/run", "*/link"]
refreshPeriod = "168h"
[".bin/tool"]
type = "archive-file"
url = "file://{0}/{1}.tgz"
path = "pack/run"
executable = true
"""


def test_archives_as_externals_are_as_after_chezmoi_alone(tmp_path: Path) -> None:
    home = Home(str(tmp_path))
    prepared(home, PACK)
    name = ".chezmoiexternals/all.toml"
    first = home.commit({name: EXTERNALS.format(home.folder, 1), "exact_dot_bin/other": "x\n"})
    second = home.commit({name: EXTERNALS.format(home.folder, 2)})
    try:
        parity = Parity(home)
        assert parity.compare(first, second) == []
        found = [path for path in parity.reached["second"].files if path.startswith(".pack/")]
        assert sorted(found) == [
            f".pack/{name}" for name in ("in", "in/a", "in/deep", "in/new", "link", "run")
        ]
    finally:
        home.kill_all()


def test_what_an_external_was_fetched_to_is_used_as_long_as_chezmoi_uses_it(tmp_path: Path) -> None:
    """By the plan and by the apply, also where the address has something newer."""
    served = tmp_path / "served"
    served.mkdir()
    (served / "tool").write_text("1\n")
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *words: object) -> None:
            asked.append(self.path)

    with HTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(served))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        home = Home(str(tmp_path / "node"))
        external = f'[".tool"]\ntype = "file"\nurl = "http://127.0.0.1:{server.server_port}/tool"\n'
        first = home.commit({".chezmoiexternal.toml": external + 'refreshPeriod = "168h"\n'})
        assert home.begin(first, op="one", remote=home.remote).code == 0
        home.confirm("one")
        home.run("settle", op="one")
        assert asked == ["/tool"]
        (served / "tool").write_text("2\n")
        later = time.time() + 60  # chezmoi asks by the date, in seconds
        os.utime(served / "tool", (later, later))
        second = home.commit({"dot_x": "x\n"})
        assert home.run("plan", rev=second).all("change") == [" A .x"]
        assert home.begin(second, op="two").all("change") == [" A .x"]
        home.confirm("two")
        home.run("settle", op="two")
        assert asked == ["/tool"]
        third = home.commit({".chezmoiexternal.toml": external + 'refreshPeriod = "1ns"\n'})
        assert home.run("plan", rev=third).all("change") == [" M .tool"]
        assert home.begin(third, op="three").all("change") == [" M .tool"]
        server.shutdown()
    home.kill_all()


def test_what_was_staged_or_put_aside_in_the_clone_comes_back(tmp_path: Path) -> None:
    home = Home(str(tmp_path))
    home.commit({"dot_x": "1\n", "dot_y": "1\n", "dot_z": "1\n", ".gitignore": "*.log\n"})
    home.clone()
    clone = os.path.join(home.home, ".local/share/chezmoi")
    prepared(home, f"""cd {clone}; chezmoi apply; echo aside >dot_y; git stash -q
        echo staged >dot_x; echo new >dot_new; git add .; echo edited >dot_x; echo mine >dot_mine
        echo log >a.log; git update-index --assume-unchanged dot_z""")  # fmt: skip

    def state() -> list[str]:
        asked = (
            "status --porcelain=v2 --branch --ignored",
            "stash list -p",
            "ls-files -s -v",
            "diff",
            "diff --cached",
        )
        return [home.git(*words.split(), cwd=clone) for words in asked]

    before, files = state(), home.manifest()
    rev = home.commit({"dot_x": "2\n", "dot_y": "2\n", "dot_new": "theirs\n"})
    assert home.begin(rev, remote=home.remote, take="source,edited,existing").all("begun") == ["op1"]
    assert home.git("rev-parse", "HEAD", cwd=clone) == rev
    assert home.run("revert", op="op1").all("state") == ["reverted"]
    assert (state(), home.manifest()) == (before, files)
    home.kill_all()


def test_a_repository_as_an_external_comes_back(tmp_path: Path) -> None:
    home = Home(str(tmp_path))
    prepared(home, "git init -q -b main lib; cd lib; echo P=1 >plugin.sh; git add .; git commit -qm a")
    external = f'[".plug"]\ntype = "git-repo"\nurl = "{home.folder}/lib"\nrefreshPeriod = "1ms"\n'
    first = home.commit({".chezmoiexternal.toml": external})
    assert home.begin(first, op="first", remote=home.remote).code == 0
    home.confirm("first")
    home.run("settle", op="first")
    before = home.manifest()
    git = os.path.join(home.home, ".plug")
    head = home.git("rev-parse", "HEAD", cwd=git)
    prepared(home, "cd lib; echo P=2 >plugin.sh; echo new >more; git add .; git commit -qm b")
    second = home.commit({"dot_x": "x\n"})
    assert home.begin(second, op="second").code == 0
    assert home.manifest()[".plug/more"][2] == b"new\n"
    assert home.run("revert", op="second").all("state") == ["reverted"]
    assert home.manifest() == before
    assert (home.git("rev-parse", "HEAD", cwd=git), home.git("status", "--porcelain", cwd=git)) == (head, "")
    home.kill_all()


def test_a_rollback_of_externals_is_shown_as_it_will_be(tmp_path: Path) -> None:
    """What came as a whole goes as a whole; what git notes in a clone is no file of anybody's."""
    home = Home(str(tmp_path))
    prepared(home, "git init -q -b main lib; cd lib; echo P=1 >plugin.sh; git add .; git commit -qm a")
    external = f'[".plug"]\ntype = "git-repo"\nurl = "{home.folder}/lib"\nrefreshPeriod = "1ms"\n'
    first = home.commit({".chezmoiexternal.toml": external})
    prepared(home, "mkdir -p pack/in; echo x >pack/in/x; tar -cf pack.tar pack")
    archive = f'[".pack"]\ntype = "archive"\nurl = "file://{home.folder}/pack.tar"\n'
    second = home.commit({".chezmoiexternals/more.toml": archive, "dot_x": "x\n"})
    before = {}
    for op, rev in (("one", first), ("two", second)):
        assert home.begin(rev, op=op, remote=home.remote).code == 0
        home.confirm(op)
        home.run("settle", op=op)
        if op == "one":
            before = home.manifest()
            prepared(home, "cd lib; echo P=2 >plugin.sh; git commit -qam b")
    shown = home.run("preview_rollback", to="two")
    assert sorted(shown.all("change")) == [" D .pack", " D .x", " M .plug/plugin.sh"], shown
    assert sorted(shown.all("delete")) == [".pack", ".x"]
    assert home.run("rollback", op="back", to="two", token="t").code == 0
    assert home.manifest() == before
    home.kill_all()


def test_only_the_mode_of_a_folder_is_kept(tmp_path: Path) -> None:
    """What lies in it and nobody manages is not packed, nor put back; nor is Stentor's own state."""
    home = Home(str(tmp_path))
    rev = home.commit({"private_dot_config/app/conf": "v1\n", "private_dot_local/x": "x\n"})
    notes = os.path.join(home.home, ".config/other/notes.txt")
    home.write(notes, "one\n")
    os.chmod(os.path.join(home.home, ".config"), 0o755)
    assert home.begin(rev, op="one", remote=home.remote).code == 0
    home.confirm("one")
    home.run("settle", op="one")
    home.write(notes, "two\n")
    assert home.run("rollback", op="back", token="t").code == 0
    home.confirm("back")
    home.run("settle", op="back")
    assert stat.S_IMODE(os.stat(os.path.join(home.home, ".config")).st_mode) == 0o755
    with open(notes) as file:
        assert file.read() == "two\n"
    assert not os.path.exists(os.path.join(home.home, ".config/app"))
    home.kill_all()


def test_the_state_wherever_the_user_has_it(tmp_path: Path) -> None:
    home = Home(str(tmp_path))
    place = os.path.join(home.home, ".local/share/cz.boltdb")
    home.write(os.path.join(home.home, ".config/chezmoi/chezmoi.toml"), f'persistentState = "{place}"\n')
    first = home.commit({"dot_x": "1\n", "run_once_a.sh": "#!/bin/sh\necho a >>~/ran\n"})
    second = home.commit({"dot_x": "2\n", "run_once_b.sh": "#!/bin/sh\necho b >>~/ran\n"})
    for op, rev in (("one", first), ("two", second)):
        assert home.begin(rev, op=op, remote=home.remote).code == 0
        home.confirm(op)
        home.run("settle", op=op)
    assert home.run("rollback", op="back", token="t").code == 0
    home.confirm("back")
    home.run("settle", op="back")
    answer = home.begin(second, op="again")
    assert answer.code == 0, answer
    with open(os.path.join(home.home, "ran")) as file:
        assert file.read() == "a\nb\nb\n"
    home.kill_all()


@pytest.mark.parametrize(
    "files",
    [
        {"dot_local/exact_state/x": "x\n"},
        {"exact_dot_local/x": "x\n"},
        {".chezmoiremove": ".local/state\n", "dot_x": "x\n"},
        {"dot_local/state/stentor/x": "x\n"},
        {"dot_local/symlink_state": "/tmp\n"},
    ],
)
def test_a_change_of_what_a_revert_needs_is_refused(tmp_path: Path, files: Files) -> None:
    home = Home(str(tmp_path))
    first = home.commit({"dot_zshrc": "1\n"})
    home.begin(first, op="one", remote=home.remote)
    home.confirm("one")
    home.run("settle", op="one")
    bad = home.commit(files)
    before = home.manifest()
    planned = home.run("plan", rev=bad, remote=home.remote)
    assert any(text.startswith("protected .local/state") for text in planned.all("conflict")), planned
    answer = home.begin(bad, op="two", take="existing,edited,source")
    assert answer.code == 3, answer
    assert answer.all("refused")[0].startswith("conflict protected: .local/state"), answer
    assert home.manifest() == before
    assert os.path.exists(home.state("history/one"))
    home.kill_all()


def test_a_clone_with_commits_of_its_own_is_shown_and_refused(tmp_path: Path) -> None:
    home = Home(str(tmp_path))
    first = home.commit({"dot_zshrc": "1\n"})
    home.begin(first, op="one", remote=home.remote)
    home.confirm("one")
    home.run("settle", op="one")
    clone = os.path.join(home.home, ".local/share/chezmoi")
    home.write(os.path.join(clone, "dot_mine"), "mine\n")
    home.git("add", ".", cwd=clone)
    home.git("commit", "-q", "-m", "mine", cwd=clone)
    own = home.git("rev-parse", "HEAD", cwd=clone)
    home.write(os.path.join(clone, "dot_zshrc"), "edited\n")
    before = home.manifest()
    rev = home.commit({"dot_zshrc": "2\n"})
    planned = home.run("plan", rev=rev, remote=home.remote)
    assert planned.all("conflict") == ["source dot_zshrc", f"source 1 commit of main ({own[:10]})"], planned
    assert "+edited" in planned.all("source-diff")
    answer = home.begin(rev, op="two")
    assert answer.code == 3, answer
    assert home.manifest() == before
    assert home.begin(rev, op="three", take="source").code == 0
    assert home.git("rev-parse", "HEAD", cwd=clone) == rev
    assert home.run("revert", op="three").all("state") == ["reverted"]
    assert (home.manifest(), home.git("rev-parse", "HEAD", cwd=clone)) == (before, own)
    home.kill_all()


def test_thousands_of_files_that_stay_as_they_are_are_not_in_the_snapshot(tmp_path: Path) -> None:
    home = Home(str(tmp_path))
    archive = os.path.join(home.folder, "pack.tar")
    with tarfile.open(archive, "w") as tar:
        for number in range(5_000):
            member = tarfile.TarInfo(f"pack/{number // 500}/{'n' * 60}-{number}")
            member.size = 2
            tar.addfile(member, io.BytesIO(b"x\n"))
    # As chezmoi would have unpacked it, which takes minutes: it waits for the disk after each file.
    os.mkdir(os.path.join(home.home, ".pack"))
    subprocess.run(
        ["tar", "-x", "--strip-components=1", "-C", os.path.join(home.home, ".pack"), "-f", archive],
        check=True,
    )
    external = f'[".pack"]\ntype = "archive"\nurl = "file://{archive}"\nstripComponents = 1\n'
    rev = home.commit({".chezmoiexternal.toml": external, "dot_x": "1\n"})
    before = home.manifest()
    answer = home.begin(rev, remote=home.remote, limit="250")
    assert answer.all("begun") == ["op1"], answer.lines[-5:]
    assert answer.all("change") == [" A .x"]
    with open(home.state("pending/home/before")) as file:
        assert len(file.readlines()) < 20
    assert home.run("revert", op="op1").all("state") == ["reverted"]
    assert home.manifest() == before
    home.kill_all()
