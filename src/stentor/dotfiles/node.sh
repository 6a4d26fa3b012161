#!/bin/sh
# shellcheck disable=SC2015 # A && B || C is meant: C when either of them fails
# Stentor's dotfiles, the node's side: one change of the dotfiles as a transaction that ends
# confirmed, or with everything as it was. Needs POSIX sh, git, chezmoi, tar, flock and timeout.
#
# It arrives on standard input (sh -c 'p=$(cat); eval "$p"' stentor VERB key=value ...), stays in
# memory, and answers in lines "KEY TEXT" between "stentor-dotfiles 1 VERB" and "end CODE".
#
#   begin: look -> snapshot -> arm the deadline -> publish "pending" -> apply -> wait to be confirmed
#   confirm: pending/armed becomes pending/confirmed   } one rename(2): of the two,
#   undo:    pending/armed becomes pending/rolling     } only one can win
#
# Contents, in the order of a change:
#   words         how it answers, refuses and fails
#   the world     boot id, clock, chezmoi, the state directory, the lock
#   the revision  fetched into a repository of our own; its signature; its files
#   looking       what would change, and what stands in the way
#   the snapshot  and the way back from it
#   the deadline  a process of its own, and a check at boot
#   the change    begin, apply
#   the decision  confirm, keep, undo; what remains to be done after either
#   going back    rollback to what older snapshots hold
#   only looking  plan, status, shells
#   the timer     install, remove, tick
#   main          the verbs
#
# Whatever kills this program, and wherever: before "publish" nothing was touched; after it the
# deadline, the check at boot or the next contact ends the change, from what is on the disk alone.

set -u
LC_ALL=C
export LC_ALL
PATH=/usr/local/bin:/usr/bin:/bin:$HOME/.local/bin:$HOME/bin:${PATH-}
export PATH
GIT_TERMINAL_PROMPT=0 GIT_SSH_COMMAND=${GIT_SSH_COMMAND-ssh -o BatchMode=yes -o ConnectTimeout=10}
GIT_OPTIONAL_LOCKS=0 # looking at the user's clone must not even refresh its index
export GIT_TERMINAL_PROMPT GIT_SSH_COMMAND GIT_OPTIONAL_LOCKS
# The hooks and the git directory of whoever called us are none of ours.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

S=$HOME/.local/state/stentor/dotfiles # not XDG_STATE_HOME: every kind of shell must find it alike
P=$S/pending
N=$S/new
R=$S/repo.git
MINIMUM="2 70 5" # the lowest that every change is tried with; see tests/tools

op='' rev='' remote='' bundle='' branch='' window=60 limit=300 signed=no take='' again=no token='' to=''
why='' seconds=10 every=3600 jitter=0 verb=''
p=${p-}

# --- words -------------------------------------------------------------------------------------

# In this file "true >FILE" and "command exec 9>FILE": where ":" and "exec" cannot write, dash ends at once.
say() { printf '%s\n' "$*"; }
# A step is done; the controller shows it, and the tests kill us here.
step() { say "step $1"; }
# Each line of standard input, with a key in front.
lines() { awk -v key="$1" '{ print key " " $0 }'; }
finish() {
    say "end $1"
    exit "$1"
}
# Something is in the way: exit code 3, a kind for the program and a sentence for people.
refuse() {
    say "refused $*"
    cleanup
    finish 3
}
fail() {
    say "failed $*"
    cleanup
    finish 1
}
cleanup() { [ -z "${scratch-}" ] || rm -rf "$scratch"; }
value() { # FILE: its first line, or nothing
    _v=''
    if [ -f "$1" ]; then IFS= read -r _v <"$1" || :; fi
    printf '%s' "$_v"
}
put() { # FILE TEXT: replaced atomically
    printf '%s\n' "$2" >"$1.part" && mv -f "$1.part" "$1"
}
program() { # this program's own text, without what it brought along
    { if [ -n "$p" ]; then printf '%s\n' "$p"; else cat "$0"; fi; } | sed '/^STENTOR_BUNDLE=/d'
}

# --- the world ---------------------------------------------------------------------------------

boot_id() { cat "${STENTOR_BOOT_ID:-/proc/sys/kernel/random/boot_id}" 2>/dev/null || echo unknown; }
uptime_seconds() { # never the wall clock: it may be wrong, or be set while we wait
    if [ -r /proc/uptime ]; then
        read -r _up _ </proc/uptime
        printf '%s' "${_up%%.*}"
    else
        date +%s
    fi
}
config_dir() { printf '%s' "${XDG_CONFIG_HOME:-$HOME/.config}/chezmoi"; }
# chezmoi on one source folder, with the fleet's facts of this node. Cache and all else of ours in S.
cz() { # FACTS SOURCE ARGUMENTS...
    _facts=$1 _source=$2
    shift 2
    chezmoi --source "$_source" --destination "$HOME" --override-data-file "$_facts" ${config:+--config "$config"} \
        ${statefile:+--persistent-state "$statefile"} \
        --cache "$cache" --no-tty --color=off --no-pager "$@" </dev/null 9>&-
}
source_dir() { # the user's own clone; asked once, since each chezmoi costs 40 ms of CPU
    if [ "${own_clone+known}" ]; then printf '%s' "$own_clone"; else
        chezmoi execute-template '{{ .chezmoi.workingTree }}' </dev/null 2>/dev/null || :
    fi
}
version() { chezmoi --version 2>/dev/null | sed -n 's/^chezmoi version v\{0,1\}\([0-9][0-9.]*\).*/\1/p'; }
new_enough() { # VERSION
    _old_ifs=$IFS
    IFS='. '
    # shellcheck disable=SC2086 # words are wanted
    set -- $1
    IFS=$_old_ifs
    for _least in $MINIMUM; do
        [ "${1:-0}" -eq "$_least" ] || { [ "${1:-0}" -gt "$_least" ]; return; }
        [ $# -eq 0 ] || shift
    done
}
need() {
    for _tool in git chezmoi tar flock timeout setsid; do
        command -v "$_tool" >/dev/null 2>&1 || refuse "missing $_tool is not installed on this node"
    done
    _version=$(version)
    say "chezmoi $_version"
    [ -n "$_version" ] || refuse "missing chezmoi does not say its version"
    new_enough "$_version" || refuse "old chezmoi $_version is too old; $(printf %s "$MINIMUM" | tr ' ' .) is the lowest that is supported"
    own_clone=$(source_dir)
}
state() { # make the state directory, and say so if the home cannot be written
    # One folder is closed to others; the umask stays the account's own, since chezmoi goes by it.
    { [ -d "$S" ] || { mkdir -p "${S%/*}" && mkdir -m 700 "$S"; }; } 2>/dev/null && mkdir -p "$S/history" 2>/dev/null && true 2>/dev/null >"$S/.probe" && rm -f "$S/.probe" ||
        fail "home $S cannot be written: $(mkdir -p "$S/history" 2>&1; true 2>&1 >"$S/.probe")"
    cache=$S/cache
}
lock() {
    command exec 9>"$S/lock" || fail "home $S/lock cannot be written"
    flock -n 9 || refuse "locked another change of the dotfiles is going on here"
}

# --- the revision ------------------------------------------------------------------------------

has() { git --git-dir="$1" cat-file -e "$2^{commit}" 2>/dev/null; }
# Bring the exact revision into a bare repository of our own: the user's clone is not touched.
fetch() { # REPOSITORY
    [ -f "$1/HEAD" ] || git init -q --bare "$1" || fail "fetch git init failed"
    has "$1" "$rev" && return
    _clone=$(source_dir)
    true >"$scratch/fetch.err" || fail "home $scratch cannot be written"
    if [ -n "${STENTOR_BUNDLE-}" ]; then
        bundle=$scratch/bundle
        printf '%s\n' "$STENTOR_BUNDLE" | base64 -d >"$bundle" || fail "disk the bundle could not be written"
        git --git-dir="$1" fetch -q "$bundle" '+refs/*:refs/bundle/*' 2>>"$scratch/fetch.err" 9>&-
    else
        if [ -e "$_clone/.git" ]; then
            git --git-dir="$1" fetch -q "$_clone" "$rev" 2>/dev/null 9>&-
            [ -n "$remote" ] || remote=$(git -C "$_clone" remote get-url "${STENTOR_REMOTE:-origin}" 2>/dev/null)
        fi
        if ! has "$1" "$rev" && [ -n "$remote" ]; then
            timeout 120 git --git-dir="$1" fetch -q "$remote" '+refs/heads/*:refs/remotes/origin/*' \
                2>>"$scratch/fetch.err" 9>&-
        fi
    fi
    [ -z "$bundle" ] || rm -f "$bundle"
    has "$1" "$rev" && return
    lines stderr <"$scratch/fetch.err"
    if [ -z "$remote$bundle" ]; then
        refuse "no-remote this node has no clone with a remote, and the fleet names none"
    fi
    refuse "no-revision $rev did not come from ${remote:-the bundle}"
}
verify_signature() {
    [ "$signed" = yes ] || return 0
    git --git-dir="$R" verify-commit "$rev" >/dev/null 2>"$scratch/sig.err" && return 0
    lines stderr <"$scratch/sig.err"
    refuse "unsigned $rev has no good signature on this node"
}
check_out() { # REPOSITORY TREE: its files, without touching any clone's HEAD or index
    mkdir -p "$2" &&
        GIT_INDEX_FILE="$2.index" git --git-dir="$1" --work-tree="$2" checkout -q -f "$rev" -- . \
            2>"$scratch/checkout.err" 9>&- || {
        lines stderr <"$scratch/checkout.err"
        fail "checkout $rev could not be written out"
    }
    rm -f "$2.index"
}

# --- looking -----------------------------------------------------------------------------------

# After look: $scratch/status, $scratch/managed, $scratch/externals, $scratch/conflicts.
look() { # FACTS TREE REFRESH
    render_config "$2"
    if ! cz "$1" "$2" status --refresh-externals="$3" >"$scratch/status" 2>"$scratch/look.err"; then
        lines stderr <"$scratch/look.err"
        refuse "render chezmoi cannot render $rev on this node"
    fi
    cz "$1" "$2" managed -0 --exclude=scripts --refresh-externals=never >"$scratch/managed.0" 2>/dev/null
    [ "$(tr -dc '\n' <"$scratch/managed.0" | wc -c)" -eq 0 ] || refuse "name a target's name has a line break in it"
    tr '\0' '\n' <"$scratch/managed.0" >"$scratch/managed"
    rm -f "$scratch/managed.0"
    true >"$scratch/externals"
    [ -z "$(find "$2" -name '.chezmoiexternal*' | head -n 1)" ] ||
        cz "$1" "$2" managed --include=externals --refresh-externals=never >"$scratch/externals" 2>/dev/null
    find_conflicts
}
# A changed config template is rendered beside, so that the look sees what the apply will do.
render_config() { # TREE
    config='' statefile='' new_config=no
    _root=$1
    [ ! -f "$1/.chezmoiroot" ] || _root=$1/$(value "$1/.chezmoiroot")
    _template=$(find "$_root" -maxdepth 1 -name '.chezmoi.*.tmpl' 2>/dev/null | head -n 1)
    [ -n "$_template" ] || return 0
    _ext=${_template##*/.chezmoi.}
    _ext=${_ext%.tmpl}
    mkdir -p "$scratch/config"
    [ ! -f "$(config_dir)/chezmoistate.boltdb" ] || cp "$(config_dir)/chezmoistate.boltdb" "$scratch/config/"
    if ! chezmoi --source "$1" --destination "$HOME" --cache "$cache" --no-tty --color=off --persistent-state \
        "$scratch/config/chezmoistate.boltdb" init --promptDefaults --config-path \
        "$scratch/config/chezmoi.$_ext" </dev/null >/dev/null 2>"$scratch/look.err" 9>&-; then
        lines stderr <"$scratch/look.err"
        refuse "render chezmoi cannot render the config template of $rev on this node"
    fi
    if ! cmp -s "$scratch/config/chezmoi.$_ext" "$(config_dir)/chezmoi.$_ext"; then
        new_config=yes config=$scratch/config/chezmoi.$_ext
    fi
    statefile=$scratch/config/chezmoistate.boltdb
}
find_conflicts() {
    true >"$scratch/entries"
    [ ! -s "$scratch/status" ] ||
        chezmoi state get-bucket --bucket=entryState </dev/null >"$scratch/entries" 2>/dev/null 9>&- || :
    # chezmoi's two columns: what became of the target since chezmoi wrote it; what apply would do.
    while IFS= read -r _line; do
        _path=${_line#???}
        case $_line in
            ' '[R\ ]* | ?' '*) ;;
            ' '*)
                { [ -e "$HOME/$_path" ] || [ -h "$HOME/$_path" ]; } && [ ! -d "$HOME/$_path" ] || continue
                case $_line in ' D'*) continue ;; esac
                grep -qF "\"$HOME/$_path\":" "$scratch/entries" || say "conflict existing $_path"
                ;;
            ?R*) ;;
            *) say "conflict edited $_path" ;;
        esac
    done <"$scratch/status" >"$scratch/conflicts"
    uncommitted "$(source_dir)" | sed 's/^.../conflict source /' >>"$scratch/conflicts"
}
# What is edited in a clone's dotfiles; other folders of a bigger repository are none of our business.
uncommitted() { # CLONE
    [ -e "$1/.git" ] || return 0
    if [ -f "$1/.chezmoiroot" ]; then set -- "$1" "$(value "$1/.chezmoiroot")" .chezmoiroot; else set -- "$1" .; fi
    _clone=$1
    shift
    git -C "$_clone" status --porcelain -- "$@" 2>/dev/null 9>&-
}
report_look() { # say what would change, conflicts first
    cat "$scratch/conflicts"
    lines change <"$scratch/status"
    [ "$new_config" = no ] || say "config changed"
    while IFS= read -r _line; do
        _path=${_line#???}
        case $_line in
            ?R*) say "script $_path" ;;
            ?D*) say "delete $_path" ;;
        esac
        if [ "${_line#??}" != "$_line" ] && grep -qxF "$_path" "$scratch/externals"; then say "external $_path"; fi
    done <"$scratch/status"
}

# --- the snapshot ------------------------------------------------------------------------------

# Every target that the revision manages or the apply would touch; what is absent is noted, the
# rest goes into a tar, with chezmoi's own state and config beside it.
snapshot() { # DIRECTORY
    { cat "$scratch/managed" && grep -v '^.R' "$scratch/status" | cut -c4-; } | sort -u >"$1/targets"
    true >"$1/absent"
    true >"$1/present"
    true >"$1/whole"
    while IFS= read -r _path; do
        if behind_link "$_path"; then
            continue # it is no file of this home, and the link comes back whole
        elif [ -h "$HOME/$_path" ]; then
            say "l $_path" >>"$1/present"
        elif [ -d "$HOME/$_path" ]; then
            say "d $_path" >>"$1/present"
            # A folder that will be removed or replaced goes in with all that is in it.
            if grep -qxE '.[DM] .*' "$scratch/status" && grep -qxF -e " M $_path" -e " D $_path" -e "MM $_path" \
                -e "MD $_path" "$scratch/status"; then say "d $_path" >>"$1/whole"; fi
        elif [ -e "$HOME/$_path" ]; then
            say "f $_path" >>"$1/present"
        else
            say "$_path" >>"$1/absent"
        fi
    done <"$1/targets"
    [ ! -s "$1/present" ] || pack "$1/snapshot.tar" --no-recursion <"$1/present" || return 1
    [ ! -s "$1/whole" ] || pack "$1/whole.tar" <"$1/whole" || return 1
    mkdir -p "$1/chezmoi" || return 1
    put "$1/config-dir" "$(config_dir)" || return 1
    [ -d "$(config_dir)" ] || true >"$1/chezmoi/.absent"
    for _file in chezmoistate.boltdb chezmoi.toml chezmoi.yaml chezmoi.json chezmoi.jsonc; do
        [ ! -f "$(config_dir)/$_file" ] || cp -p "$(config_dir)/$_file" "$1/chezmoi/" || return 1
    done
    # Room that is ours even when the disk fills up: the way back needs as much as the snapshot.
    _kib=$(du -sk "$1" | cut -f1)
    dd if=/dev/zero of="$1/reserve" bs=1024 count=$((_kib + 64)) 2>/dev/null
}
behind_link() { # PATH: behind a link in whose place the change puts a folder
    _parent=$1
    while [ "${_parent%/*}" != "$_parent" ]; do
        _parent=${_parent%/*}
        [ ! -h "$HOME/$_parent" ] || ! grep -qxF -e " M $_parent" -e "MM $_parent" "$scratch/status" || return 0
    done
    return 1
}
pack() { # TAR OPTIONS...: the paths on standard input, each behind two letters
    _tar=$1
    shift
    if tar --version 2>/dev/null | grep -q GNU; then set -- "$@" --no-unquote; fi
    # As arguments and not by -T: busybox's tar has it only sometimes.
    while IFS= read -r _line; do set -- "$@" "./${_line#??}"; done
    (cd "$HOME" && tar -c -f "$_tar" "$@") 2>>"$scratch/tar.err" 9>&-
}
# The way back. Nothing here may depend on anything that the change could have altered; every
# part can be done again after having been killed in the middle.
restore() { # DIRECTORY
    rm -f "$1/reserve"
    _dir=$(value "$1/config-dir")
    for _file in chezmoistate.boltdb chezmoi.toml chezmoi.yaml chezmoi.json chezmoi.jsonc; do
        if [ -f "$1/chezmoi/$_file" ]; then
            mkdir -p "$_dir" && cp -p "$1/chezmoi/$_file" "$_dir/$_file.part" &&
                mv -f "$_dir/$_file.part" "$_dir/$_file" || return 1
        else
            rm -f "$_dir/$_file"
        fi
    done
    [ ! -f "$1/chezmoi/.absent" ] || rmdir "$_dir" 2>/dev/null || :
    step undo-state
    while IFS= read -r _path; do
        if [ -h "$HOME/$_path" ] || [ ! -d "$HOME/$_path" ]; then
            rm -f "$HOME/$_path" || return 1
        elif grep -qxF "$_path" "$1/externals"; then
            rm -rf "${HOME:?}/$_path" || return 1
        fi
    done <"$1/absent"
    step undo-new
    # Where a file stood there may be a folder now, and the other way round.
    while IFS= read -r _line; do
        _path=$HOME/${_line#??}
        case $_line in
            d*) if [ -h "$_path" ] || { [ -e "$_path" ] && [ ! -d "$_path" ]; }; then rm -f "$_path"; fi ;;
            *) if [ ! -h "$_path" ] && [ -d "$_path" ]; then rm -rf "$_path"; fi ;;
        esac
    done <"$1/present"
    for _tar in snapshot whole; do
        [ ! -f "$1/$_tar.tar" ] || (cd "$HOME" && tar -xpf "$1/$_tar.tar") || return 1
    done
    step undo-files
    # Folders that the change made go if nothing else has moved in; deepest first.
    sort -r "$1/absent" | while IFS= read -r _path; do
        [ ! -d "$HOME/$_path" ] || rmdir "$HOME/$_path" 2>/dev/null || :
    done
    step undo-folders
}

# --- the deadline ------------------------------------------------------------------------------

user_manager() { # a systemd of this user's own, which answers
    command -v systemd-run >/dev/null 2>&1 && [ -n "${XDG_RUNTIME_DIR-}" ] &&
        timeout 5 systemctl --user show-environment >/dev/null 2>&1
}
lingers() { # it runs from the boot on, and outlives the logins
    [ "$(timeout 5 loginctl show-user "$(id -un)" -p Linger --value 2>/dev/null)" = yes ]
}
user_systemd() { user_manager && lingers; }
arm() { # SECONDS: after them, a process of its own undoes the change
    # Unless told otherwise, systemd lets timers come up to a minute late.
    if user_systemd && systemd-run --user --quiet --collect --on-active="$1" --timer-property=AccuracySec=100ms \
        --unit="stentor-dotfiles-$op-$1" \
        /bin/sh "$P/program" expire "op=$op" >/dev/null 2>&1 9>&-; then
        say "deadline $1 systemd"
    else
        setsid sh "$2/program" wait "op=$op" "seconds=$1" </dev/null >/dev/null 2>&1 9>&- &
        _tries=0
        until [ -f "$S/sleeper.$op.$1" ]; do # it must be seen to live before anything is changed
            _tries=$((_tries + 1))
            [ $_tries -lt 100 ] || return 1
            sleep 0.02 2>/dev/null || sleep 1
        done
        say "deadline $1 process"
    fi
}
BOOT_UNIT=stentor-dotfiles-undo.service
# A change that is pending when the node goes down is undone when it comes up: by the user's systemd if it
# lingers, else by cron. Where neither can, that systemd starts with the next login, and does it before
# the login's shell starts: that waits for basic.target.
arm_boot() { # DIRECTORY
    _boot=none
    _check="for d in $P $N; do [ ! -f \$d/program ] || exec /bin/sh \$d/program boot; done"
    if user_manager; then
        _units=${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user
        put "$1/units" "$_units"
        mkdir -p "$_units/basic.target.wants" &&
            printf '[Unit]\nDescription=Undo a change of the dotfiles that nobody confirmed\nDefaultDependencies=no\nBefore=basic.target\n[Service]\nType=oneshot\nTimeoutStartSec=60\nExecStart=/bin/sh -c "%s"\n' \
                "$(printf '%s' "$_check" | sed 's/\$/$$/g')" >"$_units/$BOOT_UNIT" &&
            ln -sf "../$BOOT_UNIT" "$_units/basic.target.wants/$BOOT_UNIT" && _boot=login
        if [ $_boot = login ] && lingers; then _boot=systemd; fi
    fi
    if [ $_boot != systemd ] && command -v crontab >/dev/null 2>&1; then
        { crontab -l 2>/dev/null | grep -v stentor-dotfiles-undo; say "@reboot $_check # stentor-dotfiles-undo"; } |
            crontab - 2>/dev/null && _boot=cron
    fi
    say "boot $_boot"
}
disarm() { # DIRECTORY: idempotent
    for _file in "$S/sleeper.$(value "$1/op")."*; do
        [ -f "$_file" ] || continue
        _pid=$(value "$_file")
        rm -f "$_file"
        # Never ourselves: an undo is often run by the very process that waited.
        if [ "$_pid" != $$ ] && tr '\0' ' ' 2>/dev/null <"/proc/$_pid/cmdline" | grep -qF "wait op=$(value "$1/op")"; then
            kill -KILL "-$_pid" 2>/dev/null || :
        fi
    done 2>/dev/null
    if [ -f "$1/units" ]; then
        _units=$(value "$1/units")
        rm -f "$_units/basic.target.wants/$BOOT_UNIT" "$_units/$BOOT_UNIT"
        rmdir "$_units/basic.target.wants" "$_units" "${_units%/user}" 2>/dev/null || :
        systemctl --user stop "stentor-dotfiles-$(value "$1/op")-*.timer" >/dev/null 2>&1 || :
    fi
    if command -v crontab >/dev/null 2>&1 && crontab -l 2>/dev/null | grep -q stentor-dotfiles-undo; then
        crontab -l 2>/dev/null | grep -v stentor-dotfiles-undo | crontab - 2>/dev/null || :
    fi
}

# --- the change --------------------------------------------------------------------------------

begin() {
    need
    state
    lock
    settle
    [ ! -d "$P" ] || refuse "pending $(value "$P/op") waits to be confirmed or undone"
    if [ "$again" = no ] && grep -q "^$rev " "$S/reverted" 2>/dev/null; then
        refuse "reverted $rev was undone here before: $(grep "^$rev " "$S/reverted" | tail -n 1 | cut -d' ' -f3-)"
    fi
    rm -rf "$N" && mkdir "$N" || fail "home $N cannot be written"
    scratch=$N
    step prepared
    fetch "$R"
    verify_signature
    git --git-dir="$R" update-ref "refs/stentor/$op" "$rev"
    step fetched
    put "$N/facts.json" "${STENTOR_FACTS:-{\}}" || fail "disk the facts could not be written"
    check_out "$R" "$N/tree"
    step checked-out
    look "$N/facts.json" "$N/tree" auto
    report_look
    refuse_conflicts
    put "$N/op" "$op" && put "$N/rev" "$rev" && put "$N/old" "$(value "$S/applied")" && put "$N/token" "$token" &&
        put "$N/boot" "$(boot_id)" && put "$N/source" "$(source_dir)" && put "$N/remote" "$remote" &&
        put "$N/branch" "$branch" && put "$N/until" $(($(uptime_seconds) + limit + window)) &&
        put "$N/new-config" "$new_config" || fail "disk the change could not be noted"
    if [ ! -s "$scratch/status" ] && [ "$new_config" = no ]; then
        adopt
    fi
    snapshot "$N" || {
        [ ! -s "$N/tar.err" ] || lines stderr <"$N/tar.err"
        fail "snapshot the snapshot could not be written; nothing was changed"
    }
    step snapshotted
    transact
}
refuse_conflicts() {
    for _kind in edited existing source; do
        case ",$take," in *",$_kind,"*) continue ;; esac
        if grep -q "^conflict $_kind " "$scratch/conflicts"; then
            refuse "conflict $_kind: $(sed -n "s/^conflict $_kind //p" "$scratch/conflicts" | head -n 3 | tr '\n' ' ')"
        fi
    done
}
adopt() { # nothing differs: the revision is noted, no login is at stake
    say unchanged
    program >"$N/program"
    true >"$N/targets"
    true >"$N/confirmed"
    mv "$N" "$P"
    scratch=''
    step adopted
    conclude
    finish 0
}
transact() { # $N is ready but for its program; what is to be done is in $N/restore or $N/tree
    program >"$N/program" && true >"$N/armed" || fail "disk the way back could not be written; nothing was changed"
    sync "$N"/* 2>/dev/null || sync
    step written
    arm $((limit + window)) "$N" || fail "deadline no process could be left behind to undo the change; nothing was changed"
    step armed
    arm_boot "$N"
    step boot-armed
    mv "$N" "$P" || {
        disarm "$N"
        fail "home the change could not be published; nothing was changed"
    }
    scratch=''
    step published
    config='' statefile=''
    if ! perform; then
        lines stderr <"$P/apply.err"
        undo "apply failed: $(grep -v warning: "$P/apply.err" | tail -n 1)"
        finish 1
    fi
    step performed
    true >"$P/applied"
    put "$P/until" $(($(uptime_seconds) + window))
    arm "$window" "$P" || : # the first deadline still stands
    [ -f "$P/armed" ] || fail "expired the deadline came while the change was being applied"
    step waiting
    say "begun $op"
    finish 0
}
perform() {
    if [ -d "$P/restore" ]; then
        restore_history >"$P/apply.err" 2>&1
        return
    fi
    true >"$P/apply.err"
    if [ "$(value "$P/new-config")" = yes ]; then
        chezmoi --source "$P/tree" --destination "$HOME" --cache "$cache" --no-tty --color=off init --promptDefaults \
            </dev/null >"$P/apply.err" 2>&1 9>&- || return 1
        step configured
    fi
    # --force: what would be overwritten was looked at under the lock, and is in the snapshot.
    # TMPDIR: chezmoi writes a file beside its target and renames it, unless TMPDIR is on the same
    # file system. If it is killed in between, the half stays in our folder and not in the home.
    mkdir -p "$P/tmp" || return 1
    TMPDIR=$P/tmp setsid timeout -k 5 "$limit" chezmoi --source "$P/tree" --destination "$HOME" --override-data-file \
        "$P/facts.json" --cache "$cache" --no-tty --color=off --no-pager --force apply </dev/null \
        >"$P/apply.out" 2>>"$P/apply.err" 9>&- &
    put "$P/group" "$!"
    wait "$!"
    _code=$?
    rm -f "$P/group"
    if [ $_code -eq 124 ] || [ $_code -eq 137 ]; then say "it took longer than $limit s, or was killed" >>"$P/apply.err"; fi
    return $_code
}
stop_apply() { # an apply whose parent was killed may still be writing
    [ -f "$P/group" ] && [ "$(value "$P/boot")" = "$(boot_id)" ] || return 0
    _pid=$(value "$P/group")
    if tr '\0' ' ' <"/proc/$_pid/cmdline" 2>/dev/null | grep -q chezmoi; then
        kill -KILL "-$_pid" 2>/dev/null || :
        while kill -0 "$_pid" 2>/dev/null && [ "$(sed 's/.*) //;s/ .*//' "/proc/$_pid/stat" 2>/dev/null)" != Z ]; do
            sleep 0.05 2>/dev/null || sleep 1
        done
    fi
    rm -f "$P/group"
}
# --- the decision ------------------------------------------------------------------------------

confirm() {
    [ -d "$P" ] || { say "state $(last_state)"; finish 4; }
    [ "$(value "$P/op")" = "$op" ] && [ "$(value "$P/token")" = "$token" ] || refuse "stranger another change is pending: $(value "$P/op")"
    [ -f "$P/applied" ] || refuse "unapplied $op is not applied yet"
    mv "$P/armed" "$P/confirmed" 2>/dev/null || :
    step confirmed
    # The rename was the decision. Read back what it is: late is late.
    if [ -f "$P/confirmed" ] || [ "$(history_state)" = confirmed ]; then
        say "state confirmed"
        finish 0
    fi
    say "state reverted"
    finish 4
}
keep() { # a person has looked, and says that it is well
    [ -d "$P" ] || { say "state none"; finish 4; }
    op=$(value "$P/op")
    [ -f "$P/applied" ] || refuse "unapplied $op is not applied yet"
    mv "$P/armed" "$P/confirmed" 2>/dev/null || :
    if [ -f "$P/confirmed" ]; then
        conclude
        say "state confirmed"
        finish 0
    fi
    say "state reverted"
    finish 4
}
history_state() { value "$S/history/$op/state"; }
last_state() { if [ -n "$op" ] && [ -d "$S/history/$op" ]; then history_state; else echo none; fi; }
undo() { # REASON: decide by the rename, then go all the way back
    [ -d "$P" ] || return 0
    op=$(value "$P/op")
    [ -f "$P/why" ] || [ ! -f "$P/armed" ] || put "$P/why" "$1"
    mv "$P/armed" "$P/rolling" 2>/dev/null || [ -f "$P/rolling" ] || {
        [ ! -f "$P/armed" ] || say "failed undo the home cannot be written; it is tried again at the next contact and at boot"
        return 0
    }
    step rolling
    command exec 8>"$S/undo.lock" && flock 8 || return 1
    [ -f "$P/rolling" ] && [ "$(value "$P/op")" = "$op" ] || return 0
    stop_apply
    step undo-stopped
    restore "$P" 8>&- || {
        say "failed undo the way back did not succeed wholly; it is tried again at the next contact and at boot"
        return 1
    }
    _rev=$(value "$P/rev")
    grep -q "^$_rev $op " "$S/reverted" 2>/dev/null || say "$_rev $op $(value "$P/why")" >>"$S/reverted"
    mv "$P/rolling" "$P/undone"
    step undone
    say "reverted $op $(value "$P/why")"
    conclude
}
# What remains to be done after the decision. Every part may be done twice.
conclude() {
    op=$(value "$P/op")
    if [ -f "$P/confirmed" ]; then
        move_source
        cp "$P/facts.json" "$S/facts.json.part" 2>/dev/null && mv "$S/facts.json.part" "$S/facts.json"
        put "$S/applied" "$(value "$P/rev") $op"
        forgive "$(value "$P/rev")"
        put "$P/state" confirmed
        put "$S/last-state" confirmed
    elif [ -f "$P/undone" ]; then
        put "$P/state" reverted
        put "$S/last-state" reverted
    else
        return 0
    fi
    step concluding
    disarm "$P"
    rm -rf "$P/tree" "$P/config" "$P/reserve" "$P/group" "$P/tmp"
    rm -rf "$S/history/$op"
    mv "$P" "$S/history/$op"
    step concluded
    # The last few snapshots stay, for rollback.
    # shellcheck disable=SC2012 # names are ours: no blanks in them
    ls -t "$S/history" | tail -n +9 | while IFS= read -r _old; do rm -rf "$S/history/$_old"; done
}
forgive() { # a revision that holds now is no longer one to keep away from
    [ ! -f "$S/reverted" ] || { grep -v "^$1 " "$S/reverted" >"$S/reverted.part" || :; mv "$S/reverted.part" "$S/reverted"; }
}
# The user's own clone follows, if that takes nothing from the user: it is clean, and only moves.
move_source() {
    _clone=$(value "$P/source")
    _rev=$(value "$P/rev")
    [ -n "$_clone" ] && has "$R" "$_rev" || return 0
    if [ ! -e "$_clone/.git" ]; then
        make_clone
        return 0
    fi
    [ -z "$(git -C "$_clone" status --porcelain 2>/dev/null)" ] || { say "source left: it has uncommitted edits"; return 0; }
    git -C "$_clone" fetch -q "$R" "$_rev" 2>/dev/null 9>&- 8>&- || return 0
    [ "$(git -C "$_clone" rev-parse HEAD)" != "$_rev" ] || return 0
    _branch=$(value "$S/detached")
    if [ -n "$_branch" ] && ! git -C "$_clone" symbolic-ref -q HEAD >/dev/null; then
        git -C "$_clone" checkout -q "$_branch" 2>/dev/null && rm -f "$S/detached"
    fi
    if git -C "$_clone" merge-base --is-ancestor HEAD "$_rev" 2>/dev/null; then
        git -C "$_clone" merge -q --ff-only "$_rev" >/dev/null 2>&1 || say "source left: it could not be moved"
    elif git -C "$_clone" merge-base --is-ancestor "$_rev" HEAD 2>/dev/null; then
        # Back to an earlier revision: the branch stays where it is, for a later pull.
        git -C "$_clone" symbolic-ref -q --short HEAD >"$S/detached" || :
        git -C "$_clone" checkout -q --detach "$_rev" 2>/dev/null || say "source left: it could not be moved"
    else
        say "source left: it has commits of its own"
    fi
}
make_clone() {
    mkdir -p "${_clone%/*}" && git clone -q --no-checkout "$R" "$_clone.part" >/dev/null 2>&1 9>&- 8>&- || return 0
    _remote=$(value "$P/remote")
    git -C "$_clone.part" fetch -q "$R" "$_rev" 2>/dev/null
    [ -z "$_remote" ] || git -C "$_clone.part" remote set-url origin "$_remote"
    _branch=$(value "$P/branch")
    git -C "$_clone.part" checkout -q -f -B "${_branch:-main}" "$_rev" >/dev/null 2>&1
    if [ -d "$_clone" ]; then rmdir "$_clone" 2>/dev/null || { rm -rf "$_clone.part"; return 0; }; fi
    mv "$_clone.part" "$_clone"
}
# End what others left: called under the lock, before anything else. A change that is pending and
# still has time is nobody else's business.
settle() {
    [ ! -d "$N" ] || disarm "$N"
    rm -rf "$N" "$(source_dir).part"
    [ -d "$P" ] || return 0
    op_now=$op
    overdue || :
    op=$op_now
}
overdue() { # end a pending change that was decided, or that nobody can confirm any more
    if [ -f "$P/confirmed" ] || [ -f "$P/undone" ]; then
        conclude
    elif [ -f "$P/rolling" ]; then
        undo resumed
    elif [ "$(value "$P/boot")" != "$(boot_id)" ]; then
        undo "the node went down before it was confirmed"
    elif [ "$(uptime_seconds)" -ge "$(value "$P/until")" ]; then
        undo "nobody confirmed it in time"
    else
        return 1
    fi
}
# A user manager starts: at boot, or with a login when there was none before, or because somebody
# started it again. In the last two the change may still have time, but its deadline died with the old one.
boot() {
    if [ -d "$P" ]; then
        overdue && return
        op=$(value "$P/op")
        _left=$(($(value "$P/until") - $(uptime_seconds)))
        if [ $_left -lt 1 ] || [ "$(value "$P/boot")" != "$(boot_id)" ]; then _left=60; fi # the way back failed: again
        arm "$_left" "$P"
    elif [ -n "$(value "$N/boot")" ] && [ "$(value "$N/boot")" != "$(boot_id)" ]; then
        lock
        disarm "$N"
        rm -rf "$N"
    fi
}
# --- going back --------------------------------------------------------------------------------

rollback() { # back to before the last confirmed change, or before the one named by to=OP
    need
    state
    lock
    settle
    [ ! -d "$P" ] || refuse "pending $(value "$P/op") waits to be confirmed or undone"
    rm -rf "$N" && mkdir "$N" || fail "home $N cannot be written"
    scratch=$N
    collect_history
    step prepared
    put "$N/facts.json" "$(cat "$S/facts.json" 2>/dev/null || echo '{}')"
    true >"$N/status"
    true >"$N/externals"
    cat "$N"/restore/*/targets 2>/dev/null | sort -u >"$N/managed"
    cat "$N"/restore/*/externals 2>/dev/null | sort -u >"$N/externals"
    drifted
    put "$N/op" "$op" && put "$N/rev" "$back" && put "$N/old" "$(value "$S/applied")" && put "$N/token" "$token" &&
        put "$N/boot" "$(boot_id)" && put "$N/source" "$(source_dir)" &&
        put "$N/until" $(($(uptime_seconds) + limit + window)) || fail "disk the change could not be noted"
    snapshot "$N" || fail "snapshot the snapshot could not be written; nothing was changed"
    step snapshotted
    transact
}
collect_history() { # [FOLDER]: newest first, down to the one that is to be undone, linked in order into restore/
    _history=${1-../../history}
    mkdir "$N/restore"
    _last=$(value "$S/applied")
    _next=${_last#* }
    _count=100 _kept=''
    while [ -n "$_next" ] && [ "$(value "$S/history/$_next/state")" = confirmed ]; do
        ln -s "$_history/$_next" "$N/restore/$_count"
        back=$(value "$S/history/$_next/old")
        _kept="$_kept${_kept:+, }$_next"
        case $to in '' | "$_next") _found=yes ;; esac
        case ${back%% *} in ?*) # a revision may be shortened, as git and we show it
            case ${back%% *} in "$to"*) _found=yes ;; esac
            _kept="$_kept from $(printf %.10s "$back")"
            ;;
        esac
        [ -z "${_found-}" ] || break
        _count=$((_count + 1))
        _next=${back#* }
    done
    [ "${_found-}" = yes ] || refuse "no-history ${to:-the last change} is not among the snapshots this node has kept${_kept:+: $_kept}"
    back=${back%% *}
    [ -n "$back" ] || back=none
}
drifted() { # files edited since the last change would be lost
    case ",$take," in *,edited,*) return 0 ;; esac
    edited
    [ ! -s "$N/edited" ] || refuse "conflict edited: $(value "$N/edited")"
}
edited() { # into a file: what was edited here, of what the snapshots would write over
    config='' statefile=''
    cz "$N/facts.json" "$(source_dir)" status --refresh-externals=never 2>/dev/null | grep -v '^[ R]' | cut -c4- |
        while IFS= read -r _path; do
            if grep -qxF -e "$_path" "$N/managed"; then say "$_path"; fi
        done >"$N/edited"
}
restore_history() {
    for _dir_of in "$P"/restore/*; do
        [ -f "$_dir_of/present" ] || continue # a change that changed nothing
        restore "$_dir_of" || return 1
    done
}

# --- only looking: these verbs change nothing --------------------------------------------------

plan() {
    need
    scratch=$(mktemp -d) || fail "home no room for temporary files"
    trap cleanup EXIT
    trap 'cleanup; exit 130' HUP INT TERM
    cache=$scratch/cache
    [ ! -d "$S/cache" ] || cp -R "$S/cache" "$cache"
    report_pending
    say "applied $(value "$S/applied")"
    git init -q --bare "$scratch/repo.git" || fail "fetch git init failed"
    [ ! -d "$R/objects" ] || say "$R/objects" >>"$scratch/repo.git/objects/info/alternates"
    fetch "$scratch/repo.git"
    check_out "$scratch/repo.git" "$scratch/tree"
    put "$scratch/facts.json" "${STENTOR_FACTS:-{\}}"
    look "$scratch/facts.json" "$scratch/tree" never
    report_look
    if grep -q "^$rev " "$S/reverted" 2>/dev/null; then
        say "tried $(grep "^$rev " "$S/reverted" | tail -n 1 | cut -d' ' -f2-)"
    fi
    [ ! -s "$scratch/status" ] ||
        cz "$scratch/facts.json" "$scratch/tree" diff --use-builtin-diff --refresh-externals=never 2>/dev/null | lines diff
    if grep -rqE '\.chezmoi\.(sourceDir|sourceFile|workingTree)' "$scratch/tree" 2>/dev/null; then
        say "warning a template uses chezmoi's source path, which differs while a change is pending"
    fi
    finish 0
}
retrace() { # what a rollback would bring: the files of the snapshots, beside those of now
    need
    scratch=$(mktemp -d) || fail "home no room for temporary files"
    trap cleanup EXIT
    trap 'cleanup; exit 130' HUP INT TERM
    N=$scratch
    report_pending
    say "applied $(value "$S/applied")"
    collect_history "$S/history"
    put "$N/facts.json" "$(cat "$S/facts.json" 2>/dev/null || echo '{}')"
    cat "$N"/restore/*/targets 2>/dev/null | sort -u >"$N/managed"
    edited
    sed 's/^/conflict edited /' "$N/edited"
    mkdir "$N/before" "$N/now"
    for _dir in "$N"/restore/*; do
        [ ! -f "$_dir/present" ] || unpack "$_dir" || fail "home no room for temporary files"
    done
    while IFS= read -r _path; do
        if [ ! -h "$HOME/$_path" ] && [ ! -f "$HOME/$_path" ]; then continue; fi
        case $_path in */*) mkdir -p "$N/now/${_path%/*}" ;; esac
        cp -pP "$HOME/$_path" "$N/now/$_path" || fail "home no room for temporary files"
    done <"$N/managed"
    # git's words for it, as chezmoi's: the second column is what would be done.
    differ --name-status | sed -e 's|^\(.\)[^/]*/| \1 |' -e 's/^ T/ M/' >"$N/status"
    lines change <"$N/status"
    sed -n 's/^ D /delete /p' "$N/status"
    differ | sed -e 's|^diff --git a/[a-z]*/\(.*\) b/[a-z]*/|diff --git a/\1 b/|' -e 's|^--- a/now/|--- a/|' \
        -e 's|^+++ b/before/|+++ b/|' | lines diff
    finish 0
}
unpack() { # SNAPSHOT: over those newer than it; an older one knows better what was there before
    while IFS= read -r _path; do rm -rf "${N:?}/before/$_path"; done <"$1/absent"
    while IFS= read -r _line; do
        _path=$N/before/${_line#??}
        case $_line in
            d*) [ -d "$_path" ] || rm -f "$_path" ;;
            *) [ ! -d "$_path" ] || rm -rf "$_path" ;;
        esac
    done <"$1/present"
    for _tar in snapshot whole; do
        [ ! -f "$1/$_tar.tar" ] || (cd "$N/before" && tar -xpf "$1/$_tar.tar") || return 1
    done
}
differ() { # OPTION: between what is and what was
    (cd "$N" && GIT_CONFIG_GLOBAL=/dev/null git -c core.quotePath=false diff --no-index --no-renames --no-color "$@" now before)
}
report_pending() {
    [ -d "$P" ] || return 0
    for _state in armed rolling confirmed undone; do
        [ ! -f "$P/$_state" ] || say "pending $(value "$P/op") $(value "$P/rev") $_state $(($(value "$P/until") - $(uptime_seconds)))"
    done
}
status() {
    _version=$(version)
    say "chezmoi $_version"
    report_pending
    say "applied $(value "$S/applied")"
    [ ! -s "$S/reverted" ] || lines tried <"$S/reverted"
    [ ! -f "$S/timer/last" ] || say "timer $(value "$S/timer/last")"
    [ -f "$S/timer/last" ] || [ ! -d "$S/timer" ] || say "timer installed"
    [ -n "$_version" ] || finish 0
    _clone=$(source_dir)
    if [ ! -e "$_clone/.git" ]; then
        say "source none"
        finish 0
    fi
    say "source $(git -C "$_clone" rev-parse -q --verify HEAD 2>/dev/null || echo empty) $(git -C "$_clone" symbolic-ref -q --short HEAD || echo detached) $_clone"
    if [ -n "$rev" ] && has "$(git -C "$_clone" rev-parse --absolute-git-dir)" "$rev"; then
        say "distance $(git -C "$_clone" rev-list --left-right --count "HEAD...$rev" 2>/dev/null | tr '\t' ' ')"
    fi
    uncommitted "$_clone" | lines uncommitted
    new_enough "$_version" || finish 0
    cache=$S/cache config='' statefile=''
    scratch=$(mktemp -d) || fail "home no room for temporary files"
    [ -d "$S/cache" ] || cache=$scratch/cache
    put "$scratch/facts.json" "${STENTOR_FACTS:-{\}}"
    cz "$scratch/facts.json" "$_clone" status --exclude=scripts --refresh-externals=never >"$scratch/status" 2>"$scratch/err" ||
        lines stderr <"$scratch/err"
    lines drift <"$scratch/status"
    cleanup
    finish 0
}
# Do the shells of this account still come up, say nothing of their own, and find what they must?
shells() { # REQUIRED COMMANDS...
    _shell=${SHELL:-/bin/sh}
    _ask=:
    for _command in "$@"; do _ask="$_ask; printf '@%s\\n' $_command; command -v $_command"; done
    for _kind in plain login interactive login-interactive; do
        case $_kind in
            plain) _flag=-c ;;
            login) _flag=-lc ;;
            interactive) _flag=-ic ;;
            *) _flag=-lic ;;
        esac
        case ${_shell##*/}$_flag in dash-lic | sh-lic | *dash-lc) _flag="-l $_flag" _flag="${_flag%l*}${_flag##*l}" ;; esac
        _out=$(try_shell "$_ask; printf '@end\\n'" 2>/dev/null)
        _code=$?
        case $_out in
            *@end*) ;;
            *)
                if [ $_code -eq 137 ] || [ $_code -eq 124 ]; then
                    say "shell $_kind hangs: no answer in $seconds s"
                else
                    say "shell $_kind breaks: it ended with code $_code"
                fi
                continue
                ;;
        esac
        if [ $_kind = plain ] && [ "${_out%%@*}" != '' ]; then
            say "shell plain speaks: a session without a terminal must print nothing (scp and git break)"
        else
            say "shell $_kind ok"
        fi
        printf '%s\n' "$_out" | awk -v kind="$_kind" '
            /^@/ { if (name != "" && !found) print "missing " kind " " name; name = substr($0, 2); found = 0; next }
            { found = 1 }'
    done
    own_checks
    finish 0
}
try_shell() { # TEXT: in a shell as fresh as a login's, without a terminal
    # SSH_CLIENT: by it bash knows that sshd has started it, and reads ~/.bashrc even for one command.
    # shellcheck disable=SC2086 # the flag may be two words
    env -i HOME="$HOME" USER="$(id -un)" LOGNAME="$(id -un)" SHELL="$_shell" TERM=dumb PATH=/usr/local/bin:/usr/bin:/bin \
        SSH_CLIENT="127.0.0.1 0 22" SSH_CONNECTION="127.0.0.1 0 127.0.0.1 22" \
        setsid timeout -s KILL "$seconds" "$_shell" $_flag "$1" </dev/null
}
own_checks() { # STENTOR_CHECKS: a command a line, of the policy's
    [ -n "${STENTOR_CHECKS-}" ] || return 0
    _flag=-lc
    printf '%s\n' "$STENTOR_CHECKS" | while IFS= read -r _check; do
        [ -n "$_check" ] || continue
        if try_shell "$_check" >/dev/null 2>&1; then say "check ok $_check"; else say "check failed $_check"; fi
    done
}

# --- the timer: the node pulls by itself -------------------------------------------------------

T=$S/timer
timer_install() { # REQUIRED COMMANDS...
    need
    state
    mkdir -p "$T" && program >"$T/program.part" && mv "$T/program.part" "$T/program" || fail "home $T cannot be written"
    put "$T/options" "branch=$branch remote=$remote window=$window limit=$limit signed=$signed seconds=$seconds jitter=$jitter"
    put "$T/requires" "$*"
    timer_off
    if user_manager && ! lingers; then loginctl enable-linger 2>/dev/null || :; fi
    if user_systemd; then
        _units=${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user
        mkdir -p "$_units" || fail "home $_units cannot be written"
        printf '[Unit]\nDescription=Pull the dotfiles\n[Service]\nType=oneshot\nExecStart=/bin/sh %s/program tick jitter=0\n' \
            "$T" >"$_units/$TIMER.service"
        printf '[Unit]\nDescription=Pull the dotfiles\n[Timer]\nOnActiveSec=%s\nOnUnitActiveSec=%s\nRandomizedDelaySec=%s\nAccuracySec=1s\n[Install]\nWantedBy=timers.target\n' \
            "$every" "$every" "$jitter" >"$_units/$TIMER.timer"
        systemctl --user daemon-reload && systemctl --user enable -q --now "$TIMER.timer" ||
            fail "timer systemd did not take it"
        say "timer systemd"
    elif command -v crontab >/dev/null 2>&1; then
        _minutes=$((every / 60))
        case $_minutes in [0-4]) _minutes=5 ;; esac
        _when="*/$_minutes * * * *"
        if [ $_minutes -ge 60 ]; then _when="0 */$((_minutes / 60 < 24 ? _minutes / 60 : 23)) * * *"; fi
        { crontab -l 2>/dev/null | grep -v "$TIMER"; say "$_when /bin/sh $T/program tick jitter=$jitter # $TIMER"; } | crontab - ||
            fail "timer cron did not take it"
        say "timer cron"
    else
        rm -rf "$T"
        ! user_manager || refuse "no-linger without a login nothing of this account runs here, and there is no cron;" \
            "paste there: sudo loginctl enable-linger $(id -un)"
        refuse "no-timer this node has neither a systemd user manager nor cron"
    fi
    put "$T/last" "installed"
    finish 0
}
TIMER=stentor-dotfiles-timer
timer_remove() {
    timer_off
    [ -d "$T" ] && _said=removed || _said=none
    rm -rf "$T"
    say "timer $_said"
    finish 0
}
timer_off() { # neither systemd nor cron starts it any more
    _units=${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user
    if [ -f "$_units/$TIMER.timer" ]; then
        systemctl --user disable -q --now "$TIMER.timer" 2>/dev/null || :
        rm -f "$_units/$TIMER.timer" "$_units/$TIMER.service"
        systemctl --user daemon-reload 2>/dev/null || :
    fi
    if command -v crontab >/dev/null 2>&1 && crontab -l 2>/dev/null | grep -q "$TIMER"; then
        crontab -l 2>/dev/null | grep -v "$TIMER" | crontab -
    fi
}
# The same transaction as with a controller. The proof is this node's own: shells as fresh as a login's.
tick() {
    [ -d "$T" ] || finish 0
    # shellcheck disable=SC2013 # words are wanted
    for _option in $(cat "$T/options"); do
        case $_option in
            jitter=* | *=) ;;
            branch=*) branch=${_option#*=} ;;
            remote=*) remote=${_option#*=} ;;
            window=*) window=${_option#*=} ;;
            limit=*) limit=${_option#*=} ;;
            signed=*) signed=${_option#*=} ;;
            seconds=*) seconds=${_option#*=} ;;
        esac
    done
    [ "$jitter" -eq 0 ] || sleep "$(awk -v most="$jitter" -v seed="$$" 'BEGIN { srand(seed + srand()); print int(rand() * most) }')"
    [ -n "$remote" ] || remote=$(git -C "$(source_dir)" remote get-url origin 2>/dev/null) || :
    rev=$(timeout 120 git ls-remote "$remote" "refs/heads/$branch" 2>/dev/null | cut -f1)
    [ -n "$rev" ] || rest "the remote cannot be read"
    _applied=$(value "$S/applied")
    [ "${_applied%% *}" != "$rev" ] || rest "at $rev"
    [ "$(value "$S/last-state")" != reverted ] || rest "keeps still: the last change was taken back"
    # cron says SHELL=/bin/sh whatever the account's own is, and that is the one which must come up.
    _shell=$(getent passwd "$(id -un)" 2>/dev/null | cut -d: -f7)
    SHELL=${_shell:-${SHELL:-/bin/sh}}
    export SHELL
    op=timer-$(date +%Y%m%dT%H%M%S)
    token=$op
    sh "$T/program" begin "op=$op" "rev=$rev" "remote=$remote" "branch=$branch" "window=$window" "limit=$limit" \
        "signed=$signed" "token=$token" </dev/null >"$T/log" 2>&1
    if ! grep -q '^begun ' "$T/log"; then
        if grep -q '^unchanged' "$T/log"; then rest "at $rev"; fi
        rest "did not: $(sed -n 's/^\(refused\|failed\|reverted\) //p' "$T/log" | head -n 1)"
    fi
    # shellcheck disable=SC2046 # words are wanted
    sh "$T/program" shells "seconds=$seconds" $(cat "$T/requires") </dev/null >>"$T/log" 2>&1
    _fault=$(grep -E '^(shell .* (hangs|breaks|speaks)|missing |check failed)' "$T/log" | head -n 1)
    grep -q '^shell login-interactive ok' "$T/log" || _fault=${_fault:-the shells could not be tried}
    if [ -n "$_fault" ]; then
        sh "$T/program" revert "op=$op" "why=$_fault" </dev/null >>"$T/log" 2>&1
        rest "took $rev back: $_fault"
    fi
    sh "$T/program" confirm "op=$op" "token=$token" </dev/null >>"$T/log" 2>&1
    sh "$T/program" settle "op=$op" </dev/null >>"$T/log" 2>&1
    rest "at $rev"
}
rest() { # TEXT: until the next time
    put "$T/last" "$1"
    say "timer $1"
    finish 0
}

# --- main --------------------------------------------------------------------------------------

main() {
    verb=${1-status}
    [ $# -eq 0 ] || shift
    scratch='' config='' statefile='' cache=$S/cache
    while [ $# -gt 0 ]; do
        case $1 in
            op=*) op=${1#*=} ;;
            rev=*) rev=${1#*=} ;;
            remote=*) remote=${1#*=} ;;
            branch=*) branch=${1#*=} ;;
            window=*) window=${1#*=} ;;
            limit=*) limit=${1#*=} ;;
            signed=*) signed=${1#*=} ;;
            take=*) take=${1#*=} ;;
            again=*) again=${1#*=} ;;
            token=*) token=${1#*=} ;;
            to=*) to=${1#*=} ;;
            why=*) why=${1#*=} ;;
            seconds=*) seconds=${1#*=} ;;
            every=*) every=${1#*=} ;;
            jitter=*) jitter=${1#*=} ;;
            *) break ;;
        esac
        shift
    done
    case $verb in
        wait)
            put "$S/sleeper.$op.$seconds" $$ || exit 1 # unseen, so the change will not begin
            # When the node goes down everything gets a signal, sleep maybe first: that is not the deadline.
            _end=$(($(uptime_seconds) + seconds))
            while [ "$(uptime_seconds)" -lt $_end ]; do sleep $((_end - $(uptime_seconds))); done
            rm -f "$S/sleeper.$op.$seconds"
            verb=expire
            ;;
    esac
    case $verb in expire | boot) exec >/dev/null 2>&1 ;; *) say "stentor-dotfiles 1 $verb" ;; esac
    case $verb in
        begin) begin ;;
        rollback) rollback ;;
        confirm) confirm ;;
        keep) keep ;;
        plan) plan ;;
        retrace) retrace ;;
        status) status ;;
        shells) shells "$@" ;;
        timer-install) timer_install "$@" ;;
        timer-remove) timer_remove ;;
        tick) tick ;;
        expire) [ "$(value "$P/op")" != "$op" ] || undo "nobody confirmed it in time" ;;
        boot) boot ;;
        revert)
            state
            [ -d "$P" ] || { say "state $(last_state)"; finish 4; }
            [ -z "$op" ] || [ "$(value "$P/op")" = "$op" ] || refuse "stranger another change is pending: $(value "$P/op")"
            [ ! -f "$P/confirmed" ] || { say "state confirmed"; finish 4; }
            undo "${why:-asked for}"
            say "state $(last_state)"
            ;;
        settle)
            state
            lock
            settle
            say "state $(last_state)"
            report_pending
            ;;
        *) fail "usage there is no verb $verb" ;;
    esac
    finish 0
}
main "$@"
