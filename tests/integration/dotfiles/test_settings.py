"""The account's own settings of chezmoi, and its environment, beside what chezmoi itself makes of them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from stentor.dotfiles import program, prompts
from tests.integration.dotfiles.practice import FACTS, Home

pytestmark = pytest.mark.integration

CONFIG = ".config/chezmoi/chezmoi.toml"
# Every setting by which chezmoi answers otherwise, or asks.
SETTINGS = {
    "status.exclude": '[status]\nexclude = ["scripts"]\n',
    "status.pathStyle": '[status]\npathStyle = "absolute"\n',
    "diff.exclude": '[diff]\nexclude = ["files", "scripts"]\n',
    "diff.reverse": "[diff]\nreverse = true\n",
    "diff.scriptContents": "[diff]\nscriptContents = false\n",
    "diff.command": '[diff]\ncommand = "false"\n',
    "diff.pager": '[diff]\npager = "false"\n',
    "verify.exclude": '[verify]\nexclude = ["files"]\n',
    "interactive": "interactive = true\n",
    "lessInteractive": "lessInteractive = true\n",
    "verbose": "verbose = true\n",
    "color": "color = true\n",
    "progress": "progress = true\n",
    "format": 'format = "yaml"\n',
    "pager": 'pager = "false"\n',
    "textconv": '[[textconv]]\npattern = "**"\ncommand = "tr"\nargs = ["a-z", "A-Z"]\n',
    "git.autoCommit": "[git]\nautoAdd = true\nautoCommit = true\n",
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(str(tmp_path))
    made.commit({"dot_first": "1\n"})
    made.clone()
    return made


@pytest.mark.parametrize("setting", SETTINGS)
def test_no_setting_changes_what_is_planned_and_applied(home: Home, setting: str) -> None:
    home.write(os.path.join(home.home, CONFIG), SETTINGS[setting])
    home.write(os.path.join(home.home, ".there"), "mine\n")
    script = "#!/bin/sh\necho ran >>~/script.log\n"
    rev = home.commit({"dot_there": "new\n", "dot_sub/file": "2\n", "run_once_s.sh": script})
    planned = home.run("plan", rev=rev)
    assert planned.all("change") == [" A .first", " A .sub", " A .sub/file", " M .there", " R s.sh"]
    assert planned.all("conflict") == ["existing .there"]
    assert {"-mine", "+new", "+echo ran >>~/script.log"} <= {*planned.all("diff")}
    answer = home.begin(rev, take="existing")
    assert answer.all("begun") == ["op1"], answer
    assert Path(home.home, "script.log").read_text() == "ran\n"
    assert home.confirm().code == 0
    home.run("settle", op="op1")
    assert home.run("plan", rev=rev).all("change") == []
    assert Path(home.home, CONFIG).read_text() == SETTINGS[setting]


def test_hooks_run_only_where_chezmoi_applies(home: Home) -> None:
    log = os.path.join(home.folder, "hook.log")
    hook = f'[hooks.%s]\ncommand = "sh"\nargs = ["-c", "echo %s >>{log}"]\n'
    names = ("read-source-state.pre", "status.pre", "init.post", "apply.pre")
    home.write(os.path.join(home.home, CONFIG), "".join(hook % (name, name) for name in names))
    rev = home.commit({"dot_hello": "hello\n"})
    planned = home.run("plan", rev=rev)
    assert " A .hello" in planned.all("change")
    home.run("status", rev=rev)
    assert not os.path.exists(log)
    home.begin(rev)
    assert Path(log).read_text().split() == ["apply.pre", "read-source-state.pre"], "as once by hand"


def test_hooks_of_a_config_that_is_made_run_only_where_chezmoi_applies(tmp_path: Path) -> None:
    home = Home(str(tmp_path))
    log = os.path.join(home.folder, "hook.log")
    hook = f'[hooks.%s]\ncommand = "sh"\nargs = ["-c", "echo %s >>{log}"]\n'
    names = ("read-source-state.pre", "status.pre", "diff.post", "managed.pre", "init.post", "apply.pre")
    config = "".join(hook % (name, name) for name in names)
    rev = home.commit({"dot_hello": "hello\n", ".chezmoi.toml.tmpl": config})
    planned = home.run("plan", rev=rev, remote=home.remote)
    assert (planned.all("change"), "+hello" in planned.all("diff")) == ([" A .hello"], True)
    assert not os.path.exists(log)
    assert home.begin(rev, remote=home.remote).all("begun") == ["op1"]
    assert Path(log).read_text().split() == ["init.post", "apply.pre", "read-source-state.pre"]


def test_a_plan_names_what_only_a_hook_could_mend(tmp_path: Path) -> None:
    home = Home(str(tmp_path))
    config = "[hooks.read-source-state.pre]\ncommand = 'true'\n"
    rev = home.commit({"dot_x.tmpl": "{{ .absent }}\n", ".chezmoi.toml.tmpl": config})
    planned = home.run("plan", rev=rev, remote=home.remote)
    assert [text for text in planned.all("warning") if "a hook or a script" in text and ".absent" in text]
    before = home.manifest()
    answer = home.begin(rev, remote=home.remote)
    assert answer.code == 1
    assert home.manifest() == before


def test_the_configuration_lies_where_a_login_has_it(tmp_path: Path) -> None:
    home = Home(str(tmp_path))
    home.write(os.path.join(home.home, ".profile"), "export XDG_CONFIG_HOME=$HOME/.mine\n")
    rev = home.commit({".chezmoi.toml.tmpl": '[data]\nx = "1"\n', "dot_x.tmpl": "{{ .x }}\n"})
    before = home.manifest()
    assert home.begin(rev, remote=home.remote).all("begun") == ["op1"]
    assert Path(home.home, ".mine/chezmoi/chezmoi.toml").exists()
    assert "config changed" not in home.run("plan", rev=rev, remote=home.remote, reinit="yes").lines
    assert home.run("revert", op="op1").all("state") == ["reverted"]
    assert home.manifest() == before


@pytest.mark.parametrize("place", [CONFIG, ".chezmoi.toml.tmpl"])
def test_what_chezmoi_makes_for_itself_goes_with_the_change(tmp_path: Path, place: str) -> None:
    home = Home(str(tmp_path))
    text = f"persistentState = '{home.home}/.db/state'\nscriptTempDir = '{home.home}/.scripts/x'\n"
    files = {"dot_x": "x\n", "run_a.sh": "#!/bin/sh\nexit 0\n"}
    if place == CONFIG:
        home.write(os.path.join(home.home, CONFIG), text)
    else:
        files[place] = text
    rev = home.commit(files)
    before = home.manifest()
    assert home.begin(rev, remote=home.remote).all("begun") == ["op1"]
    assert {".db/state", ".scripts/x"} <= {*home.manifest()}
    assert home.run("revert", op="op1").all("state") == ["reverted"]
    assert home.manifest() == before


@pytest.mark.parametrize("config", ["", "[hooks.status.pre]\ncommand = 'true'\n"])
def test_a_template_sees_the_name_of_the_real_config(tmp_path: Path, config: str) -> None:
    home = Home(str(tmp_path))
    rev = home.commit({".chezmoi.toml.tmpl": config, "dot_x.tmpl": "{{ .chezmoi.configFile }}\n"})
    planned = home.run("plan", rev=rev, remote=home.remote)
    real = os.path.join(home.home, CONFIG)
    assert f"+{real}" in planned.all("diff"), planned
    assert home.begin(rev, remote=home.remote).all("begun") == ["op1"]
    assert Path(home.home, ".x").read_text() == f"{real}\n"
    home.write(real.replace("toml", "json~"), "{}\n")  # kept by an editor
    assert home.run("plan", rev=rev).all("change") == []


def test_templates_see_the_environment_of_a_login(home: Home) -> None:
    tool = os.path.join(home.home, ".cargo/bin/starship")
    home.write(tool, "#!/bin/sh\n", 0o755)
    home.write(os.path.join(home.home, ".profile"), 'PATH=$HOME/.cargo/bin:$PATH\nexport MINE="a b"\n')
    text = '{{ lookPath "starship" }} lang={{ env "LC_ALL" }} {{ env "MINE" }} {{ env "HISTFILE" }}\n'
    rev = home.commit({"dot_prompt.tmpl": text})
    right = f"{tool} lang= a b \n"
    assert f"+{right.strip()} " in home.run("plan", rev=rev).all("diff")
    assert home.begin(rev).all("begun") == ["op1"]
    assert Path(home.home, ".prompt").read_text() == right


def test_modes_follow_the_umask_of_a_login(home: Home) -> None:
    home.write(os.path.join(home.home, ".profile"), "umask 027\n")
    rev = home.commit({"dot_hello": "hello\n", "dot_d/executable_x": "x\n"})
    assert "new file mode 100640" in home.run("plan", rev=rev).all("diff")
    assert home.begin(rev).all("begun") == ["op1"]
    modes = {path: mode for path, (_, mode, _) in home.manifest().items()}
    assert (modes[".hello"], modes[".d"], modes[".d/x"]) == (0o640, 0o750, 0o750)
    assert modes[".local/share/chezmoi/dot_hello"] == 0o640, "what git brings has it, too"
    assert home.run("plan", rev=rev).all("change") == []


def test_scripts_see_nothing_of_stentor(home: Home) -> None:
    rev = home.commit({"run_once_a.sh": "#!/bin/sh\nenv >~/seen\n"})
    home.extra["STENTOR_BOOT_ID"] = ""
    assert home.begin(rev).all("begun") == ["op1"]
    seen = Path(home.home, "seen").read_text()
    assert "CHEZMOI_HOME_DIR=" in seen
    assert not [line for line in seen.splitlines() if line.startswith(("STENTOR_C", "STENTOR_S", "GIT_SSH"))]


def test_the_clones_own_way_to_its_remote_is_taken(home: Home) -> None:
    """A key of its own, in git's settings of the clone, as for 'chezmoi update'."""
    ssh = os.path.join(home.folder, "own-ssh")
    home.write(ssh, '#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n', 0o755)
    clone = os.path.join(home.home, ".local/share/chezmoi")
    home.git("remote", "set-url", "origin", f"nowhere.invalid:{home.remote}", cwd=clone)
    home.git("config", "core.sshCommand", ssh, cwd=clone)
    home.git("config", "ssh.variant", "simple", cwd=clone)
    rev = home.commit({"dot_hello": "hello\n"})
    assert " A .hello" in home.run("plan", rev=rev).all("change")
    assert home.begin(rev).all("begun") == ["op1"]


@pytest.mark.parametrize("place", ["config", "template"])
def test_a_destination_elsewhere_is_refused(home: Home, place: str) -> None:
    text = 'destDir = "~/other"\n'
    if place == "config":
        home.write(os.path.join(home.home, CONFIG), text)
        rev = home.commit({"dot_hello": "hello\n"})
    else:
        rev = home.commit({".chezmoi.toml.tmpl": text})
    before = home.manifest()
    said = f"destination chezmoi's configuration there has destDir = {home.home}/other"
    for answer in (home.run("plan", rev=rev, reinit="yes"), home.begin(rev, reinit="yes")):
        assert answer.code == 3, answer
        assert answer.all("refused")[0].startswith(said), answer
    assert home.manifest() == before
    if place == "config":
        assert home.run("status", rev=rev).all("refused")[0].startswith(said)


def test_nothing_of_ours_stays_in_temporary_folders(home: Home) -> None:
    temporary = os.path.join(home.folder, "t")
    os.mkdir(temporary)
    home.extra["TMPDIR"] = temporary
    rev = home.commit({"dot_hello": "hello\n"})
    for verb in ("plan", "status", "preview_rollback"):
        home.run(verb, rev=rev)
    home.begin(rev)
    assert os.listdir(temporary) == []
    assert not [name for name in os.listdir(home.state("")) if name.startswith("stand-in")]


PROMPT = '[data]\n  email = {{ promptString "Your email, please" | quote }}\n'
MAIL = {".chezmoi.toml.tmpl": PROMPT, "dot_mailrc.tmpl": "email = {{ .email }}\n"}


def test_answers_and_lines_by_hand_stay_where_chezmoi_has_its_config(home: Home) -> None:
    mine = '[data]\n  email = "me@example.org"\n# mine\n'
    home.write(os.path.join(home.home, CONFIG), mine)
    default = PROMPT.replace('please"', 'please" "nobody@example.org"')
    rev = home.commit({**MAIL, ".chezmoi.toml.tmpl": default})
    planned = home.run("plan", rev=rev)
    assert "+email = me@example.org" in planned.all("diff")
    assert home.begin(rev).all("begun") == ["op1"]
    assert Path(home.home, ".mailrc").read_text() == "email = me@example.org\n"
    assert Path(home.home, CONFIG).read_text() == mine


def test_a_template_that_comes_later_makes_a_config_on_demand_alone(home: Home) -> None:
    """As ``chezmoi update``, which says so and goes on without; ``chezmoi init`` makes it."""
    config = Path(home.home, CONFIG)
    rev = home.commit({".chezmoi.toml.tmpl": '[data]\n  x = "y"\n', "dot_x": "x\n"})
    planned = home.run("plan", rev=rev)
    assert "config-outdated" in planned.lines
    assert "config changed" not in planned.lines
    answer = home.begin(rev)
    assert (answer.all("begun"), "config-outdated" in answer.lines) == (["op1"], True), answer
    home.confirm()
    home.run("settle", op="op1")
    assert not config.exists()
    twin = os.path.join(home.folder, "twin")
    os.mkdir(twin)
    first = home.git("rev-parse", "HEAD~1")
    home.git("clone", "-q", home.remote, os.path.join(twin, ".local/share/chezmoi"))
    home.git("reset", "-q", "--hard", first, cwd=os.path.join(twin, ".local/share/chezmoi"))
    mine, home.home = home.home, twin
    home.chezmoi("update")
    assert os.listdir(os.path.join(twin, ".config/chezmoi")) == ["chezmoistate.boltdb"]
    home.home = mine
    # A target that needs the config is refused, with what makes it.
    needs = home.commit({"dot_x.tmpl": "{{ .x }}\n", "dot_x": None})
    refused = home.run("plan", rev=needs)
    said = f"render chezmoi cannot render {needs} on this node without a config"
    assert refused.all("refused") == [f"{said} (--reinit makes it from its template)"]
    assert home.begin(needs, op="op2", reinit="yes").all("begun") == ["op2"]
    assert (config.exists(), Path(home.home, ".x").read_text()) == (True, "y\n")


def test_a_clone_that_is_made_gets_its_config_as_by_chezmoi_init(tmp_path: Path) -> None:
    home = Home(str(tmp_path))
    rev = home.commit({".chezmoi.toml.tmpl": '[data]\n  x = "y"\n', "dot_x.tmpl": "{{ .x }}\n"})
    assert "config changed" in home.run("plan", rev=rev, remote=home.remote).lines
    assert home.begin(rev, remote=home.remote).all("begun") == ["op1"]
    assert Path(home.home, ".x").read_text() == "y\n"


def test_changed_template_is_said_as_chezmoi_says_it_and_made_anew_on_demand(home: Home) -> None:
    default = PROMPT.replace('please"', 'please" "nobody@example.org"')
    first = home.commit({**MAIL, ".chezmoi.toml.tmpl": default})
    home.begin(first, reinit="yes")
    home.confirm()
    home.run("settle", op="op1")
    assert Path(home.home, ".mailrc").read_text() == "email = nobody@example.org\n"
    rev = home.commit({".chezmoi.toml.tmpl": default.replace("nobody", "somebody")})
    planned = home.run("plan", rev=rev)
    assert "config-outdated" in planned.lines
    assert planned.all("change") == []
    assert "config changed" in home.run("plan", rev=rev, reinit="yes").lines
    assert home.begin(rev, op="op2", reinit="yes").all("begun") == ["op2"]
    assert Path(home.home, ".mailrc").read_text() == "email = somebody@example.org\n"


def test_a_template_that_makes_the_same_config_is_no_news_once_it_is_made(home: Home) -> None:
    template = '[data]\n  x = "y"\n'
    first = home.commit({".chezmoi.toml.tmpl": template})
    assert home.begin(first, reinit="yes").all("begun") == ["op1"]
    home.confirm()
    home.run("settle", op="op1")
    second = home.commit({".chezmoi.toml.tmpl": "{{/* the same */ -}}\n" + template})
    assert "config-outdated" in home.run("plan", rev=second).lines
    assert home.begin(second, op="op2", reinit="yes").all("begun") == ["op2"]
    home.confirm("op2")
    home.run("settle", op="op2")
    assert "config-outdated" not in home.run("plan", rev=second).lines


def test_prompt_is_answered_or_named(home: Home) -> None:
    rev = home.commit(MAIL)
    refused = home.run("plan", rev=rev, reinit="yes")
    said = 'prompt the config template asks "Your email, please" and there is no answer'
    assert refused.all("refused") == [said]
    answers = prompts.options({}, {"Your email, please": 'a "b", c'})
    text = program.compose(facts=FACTS, prompts=answers)
    assert home.begin(rev, text=text, reinit="yes").all("begun") == ["op1"]
    assert Path(home.home, ".mailrc").read_text() == 'email = a "b", c\n'


def test_every_prompt_once_keeps_its_answer_when_the_config_is_made_anew(home: Home) -> None:
    once = '{{ promptStringOnce . "email" "Email" | quote }}'
    rev = home.commit({**MAIL, ".chezmoi.toml.tmpl": f"[data]\n  email = {once}\n"})
    home.write(os.path.join(home.home, CONFIG), '[data]\n  email = "me@example.org"\n')
    assert home.begin(rev, reinit="yes").all("begun") == ["op1"]
    assert Path(home.home, ".mailrc").read_text() == "email = me@example.org\n"


def test_externals_are_left_out_on_demand(home: Home) -> None:
    external = '[".tool"]\ntype = "file"\nurl = "http://127.0.0.1:9/tool"\n'
    rev = home.commit({".chezmoiexternal.toml": external, "dot_x": "x\n"})
    refused = home.run("plan", rev=rev)
    assert refused.all("refused"), refused
    assert "127.0.0.1:9/tool" in refused.all("stderr")[-1]
    planned = home.run("plan", rev=rev, exclude="externals")
    assert planned.all("change") == [" A .first", " A .x"]
    assert not planned.all("external")
    answer = home.begin(rev, exclude="externals")
    assert answer.all("begun") == ["op1"], answer
    assert answer.all("change") == planned.all("change")
    assert not os.path.exists(os.path.join(home.home, ".tool"))


def test_a_node_tells_what_its_config_template_was_answered(home: Home) -> None:
    rev = home.commit(
        {**MAIL, ".chezmoi.toml.tmpl": '[data]\n  email = "me@example.org"\n  deep = { b = 1 }\n'}
    )
    told = home.begin(rev, reinit="yes").all("answers")
    assert [json.loads(text) for text in told] == [{"deep": {"b": 1}, "email": "me@example.org"}]
    assert home.run("revert", op="op1").all("state") == ["reverted"]
    home.write(os.path.join(home.home, CONFIG), '[data]\nemail = "you@example.org"\n')
    told = home.begin(rev, op="op2", again="yes").all("answers")
    assert [json.loads(text) for text in told] == [{"email": "you@example.org"}]


def test_a_remote_that_cannot_be_read_is_not_taken_for_one_that_lacks_the_revision(home: Home) -> None:
    home.commit({"dot_x": "x\n"})
    absent = "1" * 40
    assert home.run("plan", rev=absent).all("refused") == [
        f"no-revision {absent} did not come from {home.remote}"
    ]
    elsewhere = os.path.join(home.folder, "no-such.git")
    refused = home.run("plan", rev=absent, remote=elsewhere)
    assert refused.all("refused") == [f"unread this node cannot read {elsewhere}"]
    assert any("no-such.git" in line for line in refused.all("stderr")), refused


def test_a_timer_takes_what_its_remote_has(home: Home) -> None:
    """Whether the fleet names the remote, or the clone has it."""
    for remote in (home.remote, ""):
        timer = home.state("timer")
        home.write(os.path.join(timer, "program"), program.compose(facts=FACTS))
        options = f"branch=main remote={remote} window=60 limit=60 signed=no seconds=20 jitter=0\n"
        home.write(os.path.join(timer, "options"), options)
        home.write(os.path.join(timer, "requires"), "sh\n")
        rev = home.commit({"dot_first": f"from '{remote}'\n"})
        said = home.run("tick", jitter="0", text=None)
        assert said.all("timer") == [f"at {rev}"], said
        assert Path(home.home, ".first").read_text() == f"from '{remote}'\n"


def test_no_hook_of_the_clone_runs_for_a_fetch(home: Home) -> None:
    hooks = os.path.join(home.folder, "hooks")
    home.write(os.path.join(hooks, "reference-transaction"), f"#!/bin/sh\necho $PWD >>{hooks}/log\n", 0o755)
    home.git("config", "core.hooksPath", hooks, cwd=os.path.join(home.home, ".local/share/chezmoi"))
    rev = home.commit({"dot_first": "2\n"})
    assert " A .first" in home.run("plan", rev=rev).all("change")
    assert home.begin(rev).all("begun") == ["op1"]
    assert not os.path.exists(f"{hooks}/log")
