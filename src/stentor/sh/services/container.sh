# A container of docker's: its state, a change of it, and back. The earlier one is kept, stopped and renamed.
# Given: kept (a folder), op, number.
# uses: base services/settings services/files services/ports

docker_require() {
  [ -z "${docker_answers-}" ] || return 0
  has docker || { say "docker is not installed there"; return 1; }
  docker version --format '{{.Server.Version}}' >/dev/null 2>&1 || {
    say "docker does not answer: $(docker version 2>&1 | tail -n 1)"
    return 1
  }
  docker_answers=yes
}

image_id() { docker image inspect -f '{{.ID}}' -- "$1" 2>/dev/null; }

container_field() { docker inspect -f "$2" -- "$1" 2>/dev/null; }

# containers_read ID...: set mounts (lines ID, PID, PATH on the node, PATH within) and parts_read (ID, PID, PROJECT,
# PART), with tabs between, of those that run.
containers_read() {
  mounts='' parts_read=''
  [ $# -gt 0 ] || return 0
  _read=$(docker inspect -f "$CONTAINER_READ" "$@" 2>/dev/null | grep -v '^$')
  mounts=$(say "$_read" | sed -n 's/^m//p') parts_read=$(say "$_read" | sed -n 's/^p//p')
}

_tab='{{"\t"}}'
# shellcheck disable=SC2016  # variables of the template
CONTAINER_READ='{{if .State.Running}}{{$id := .ID}}{{$pid := .State.Pid}}{{range .Mounts}}{{if eq .Type "bind"}}'
CONTAINER_READ=$CONTAINER_READ"m{{\$id}}$_tab{{\$pid}}$_tab{{.Source}}$_tab{{.Destination}}
{{end}}{{end}}p{{\$id}}$_tab{{\$pid}}$_tab"'{{index .Config.Labels "com.docker.compose.project"}}'
CONTAINER_READ=$CONTAINER_READ$_tab'{{index .Config.Labels "com.docker.compose.service"}}{{end}}'

# stale: the running containers that have an earlier text of a file or config of this item: lines "ID PATH".
# Given: number, mounts, parts_read.
stale() {
  [ -z "$mounts" ] || "files_$number" stale_file
  [ -z "$parts_read" ] || "texts_$number" stale_text
}

stale_file() {
  say "$mounts" | awk -F '\t' -v path="$1" '$3 == path { print $1, $2, $4 }' | while read -r _box _pid _place; do
    within "$_box" "$_pid" "$_place" || continue
    [ "$_within" = "$(file_sum "$1")" ] || say "$_box $1"
  done
}

stale_text() { # PROJECT PART PATH SUM
  say "$parts_read" | awk -F '\t' -v project="$1" -v part="$2" '$3 == project && $4 == part { print $1, $2 }' |
    while read -r _box _pid; do
      within "$_box" "$_pid" "$3" || continue
      [ "$_within" = "$4" ] || say "$_box $3"
    done
}

# within ID PID PATH: set _within to the sum of a file as the container's process has it; fails where that cannot be
# told. 'docker cp' is no witness: it mounts the node's files anew.
within() {
  owner_of "$2"
  [ "$_owner" = "container $1" ] && [ -r "/proc/$2/root" ] || return 1
  _within=$(file_sum "/proc/$2/root$3" 2>/dev/null)
}

# stale_lines: of each such container and text, what would be done about it.
stale_lines() {
  stale | while read -r _box _path; do
    say "recreate container $(container_field "$_box" '{{.Name}}' | sed 's|^/||'): it has an earlier text of $_path"
  done
}

# stale_none: whether there is none; else it is said why that is an error.
stale_none() {
  _stale=$(stale_lines | sed -n 's/^recreate \(container [^ ]*\): it has/the \1 still has/p' | sed -n 1p)
  [ -n "$_stale" ] || return 0
  say "$_stale" >&2
  return 1
}

# docker_start NAME: its last line does not say why it failed.
docker_start() {
  _said=$(docker start -- "$1" 2>&1 >/dev/null) && return
  say "$_said" | sed -n 1p >&2
  return 1
}

# As 'docker update --restart' takes it.
CONTAINER_RESTART='{{with .HostConfig.RestartPolicy}}{{.Name}}'
CONTAINER_RESTART=$CONTAINER_RESTART'{{if .MaximumRetryCount}}:{{.MaximumRetryCount}}{{end}}{{end}}'

container_keep() {
  put "$kept/id" "$(container_field "$1" '{{.ID}}')" &&
    put "$kept/running" "$(container_field "$1" '{{.State.Running}}')" &&
    put "$kept/restart" "$(container_field "$1" "$CONTAINER_RESTART")" &&
    keep_restarts "$(value "$kept/id")"
}

# keep_restarts ID...: how often docker has restarted each so far. One that is not made again keeps that number.
keep_restarts() {
  : >"$kept/restarts"
  for _one; do [ -z "$_one" ] || container_field "$_one" '{{.ID}} {{.RestartCount}}' >>"$kept/restarts"; done
}

kept_restarts() { awk -v id="$1" '$1 == id { print $2 }' "$kept/restarts" 2>/dev/null; }

CONTAINER_WANTED='{{.ID}} {{.State.Running}} {{.Image}} {{.Config.Image}} {{index .Config.Labels "stentor.config"}}'

# container_want NAME STATE IMAGE DIGEST: DIGEST is of all that it is made of, and its label.
container_want() {
  _id='' _running='' _made_of='' _image='' _label=''
  read -r _id _running _made_of _image _label <<END
$(container_field "$1" "$CONTAINER_WANTED")
END
  case $2 in
    running)
      if [ -z "$_id" ]; then say "create container $1 from $3"
      elif [ "$_label" != "$4" ]; then
        if [ "$_image" != "$3" ]; then say "recreate container $1: image $_image -> $3"
        else say "recreate container $1: its options or files differ from those it was made with"
        fi
      elif [ "$_made_of" != "$(image_id "$3")" ]; then say "recreate container $1: $3 is another image now"
      elif [ "$_running" != true ]; then say "start container $1"
      else
        containers_read "$_id"
        _stale=$(stale_lines)
        [ -n "$_stale" ] || return 0
        say "$_stale"
      fi
      ;;
    off)
      [ "$_running" = true ] || return 0
      say "stop container $1"
      ;;
    *) [ -n "$_id" ] && say "remove container $1" || return 0 ;;
  esac
  return 1
}

# container_apply NAME STATE IMAGE DIGEST ARGUMENT...: what 'docker create' gets; its environment is in container_env.
container_apply() {
  _name=$1 _state=$2 _image=$3 _digest=$4
  shift 4
  if [ "$_state" = off ]; then
    [ "$(container_field "$_name" '{{.State.Running}}')" != true ] || docker stop -- "$_name" >/dev/null
    return
  fi
  if [ "$_state" = running ]; then
    docker image inspect -- "$_image" >/dev/null 2>&1 || docker pull -q -- "$_image" >/dev/null || return 1
    _same=$(container_field "$_name" '{{index .Config.Labels "stentor.config"}} {{.Image}}')
    containers_read "$_name"
    if [ "$_same" = "$_digest $(docker image inspect -f '{{.ID}}' -- "$_image")" ] && [ -z "$(stale)" ]; then
      docker_start "$_name"
      return
    fi
  fi
  if [ -n "$(value "$kept/id")" ]; then
    docker stop -- "$_name" >/dev/null && docker rename "$_name" "$_name.before-$op" || return 1
    # It must not come back by itself after a boot.
    docker update --restart=no -- "$_name.before-$op" >/dev/null
  fi
  [ "$_state" = running ] || return 0
  say "$container_env" | docker create "$@" >/dev/null && docker_start "$_name"
}

# container_prove NAME STATE PORTS RESTART
container_prove() {
  if [ "$2" != running ]; then
    container_want "$1" "$2" '' '' >/dev/null && return
    say "the container $1 is $(container_field "$1" '{{.State.Status}}'), and should be $2" >&2
    return 1
  fi
  _id=$(container_field "$1" '{{.ID}}')
  container_good "$1" "$(kept_restarts "$_id")" && ports_prove container "$_id" "$3" || return 1
  containers_read "$_id"
  stale_none
}

CONTAINER_IS='{{.State.Status}} {{.RestartCount}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}} '
CONTAINER_IS=$CONTAINER_IS'{{.State.ExitCode}} {{.HostConfig.RestartPolicy.Name}}.'
CONTAINER_SAID='{{with .State.Health}}{{range .Log}}{{.Output}}{{end}}{{end}}'

# container_good NAME RESTARTS: it runs, was not restarted more often than before, and is healthy if it says so; a
# one-shot has ended with 0.
container_good() {
  _tries=0
  while :; do
    _is=$(container_field "$1" "$CONTAINER_IS")
    _count=${_is#* } _count=${_count%% *}
    [ -z "$_is" ] || [ "$_count" -gt "${2:-0}" ] || _is="${_is%% *} 0 ${_is#* * }"
    case $_is in
      running\ 0\ starting\ *) ;;
      running\ 0\ unhealthy\ *)
        container_why "$1" "is not healthy: $(container_field "$1" "$CONTAINER_SAID" | awk 'NF' | tail -n 1)"
        return 1
        ;;
      running\ 0\ *) return 0 ;;
      exited\ 0\ *\ 0\ no. | exited\ 0\ *\ 0\ .) return 0 ;;
      '') say "the container $1 is not there" >&2; return 1 ;;
      *)
        say "$_is" | {
          read -r _status _restarts _ _code _
          container_why "$1" "is $_status (exit code $_code, restarted $_restarts times)"
        }
        return 1
        ;;
    esac
    _tries=$((_tries + 1))
    [ $_tries -le 60 ] || { container_why "$1" "is still starting"; return 1; }
    sleep 1
  done
}

container_why() {
  _log=$(docker logs --tail 5 -- "$1" 2>&1 | awk 'NF' | tail -n 1)
  say "the container $1 $2${_log:+: $_log}" >&2
}

# container_undo NAME
container_undo() {
  _before=$1.before-$op _policy=''
  if [ -n "$(container_field "$_before" '{{.ID}}')" ]; then
    docker rm -f -- "$1" >/dev/null 2>&1
    docker rename "$_before" "$1" || return 1
    _policy=$(value "$kept/restart")
    _policy=${_policy:-no}
  elif [ -z "$(value "$kept/id")" ]; then
    docker rm -f -- "$1" >/dev/null 2>&1
    return 0
  fi
  if [ "$(value "$kept/running")" = true ]; then docker_start "$1" || return 1
  else docker stop -- "$1" >/dev/null || return 1
  fi
  [ -z "$_policy" ] || docker update "--restart=$_policy" -- "$1" >/dev/null
}

container_drop() { docker rm -f -- "$1.before-$op" >/dev/null 2>&1; }

# container_policy POLICY CONTAINER: whether it starts at boot.
container_policy() {
  docker update "--restart=$1" -- "$2" >/dev/null || return 1
  [ "$(container_field "$2" "$CONTAINER_RESTART")" = "${1%:0}" ] && return
  say "the restart policy of $2 is $(container_field "$2" "$CONTAINER_RESTART")" >&2
  return 1
}
