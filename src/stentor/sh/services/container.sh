# A container of docker's: its state, a change of it, and back. The earlier one is kept, stopped and renamed.
# Given: kept (a folder), op, number.
# uses: base services/settings services/files services/ports

# docker_require: docker is there and answers. Given: docker_once, where nothing is changed meanwhile: then it is asked
# here, about all containers and the images in $images, and not again.
docker_require() {
  [ -z "${docker_answers-}" ] || return 0
  has docker || { say "docker is not installed there"; return 1; }
  _ids=$(docker ps -aq --no-trunc 2>&1) || {
    say "docker does not answer: $(say "$_ids" | tail -n 1)"
    return 1
  }
  docker_answers=yes
  [ -n "${docker_once-}" ] || return 0
  # shellcheck disable=SC2086  # ids have no blanks
  boxes_read $_ids
  images_read
}

# boxes_read ID...: set boxes (a line each: ID, /NAME, STATUS, EXIT CODE, RESTARTS, HEALTH, STARTED, FINISHED, IMAGE,
# its ID, PROJECT, PART, stentor's LABEL), and box_rows (see containers_read).
boxes_read() {
  boxes='' box_rows=''
  [ $# -gt 0 ] || return 0
  _read=$(docker inspect -f "c$CONTAINER_BOX
$CONTAINER_READ" "$@" 2>/dev/null)
  boxes=$(say "$_read" | sed -n 's/^c//p') box_rows=$(say "$_read" | grep '^[mp]')
}

# images_read: set image_rows: NAME and ID of each of $images; nothing where one of them is not there.
images_read() {
  image_rows=''
  [ -n "${images-}" ] || return 0
  # shellcheck disable=SC2046,SC2086  # names have no blanks
  set -- $(docker image inspect -f '{{.ID}}' -- $images 2>/dev/null)
  # shellcheck disable=SC2086
  [ $# -eq "$(count_of $images)" ] || return 0
  for _each in $images; do
    image_rows="$image_rows$_each $1
"
    shift
  done
}

count_of() { say $#; }

image_id() {
  while read -r _name _image_id; do
    [ "$_name" != "$1" ] || { say "$_image_id"; return; }
  done <<END
${image_rows-}
END
  docker image inspect -f '{{.ID}}' -- "$1" 2>/dev/null
}

# image_fits IMAGE: whether docker there can run it, as far as an image that is there says; says why not. A registry is
# not asked: each question counts as a pull.
image_fits() {
  for _each in /proc/sys/fs/binfmt_misc/qemu-*; do [ ! -e "$_each" ] || return 0; done # the kernel has others run
  _for=$(docker image inspect -f '{{.Architecture}}' -- "$1" 2>/dev/null)
  docker_arch=${docker_arch-$(docker version -f '{{.Server.Arch}}' 2>/dev/null)}
  case $docker_arch:$_for in :* | *: | "$_for:$docker_arch" | amd64:386 | arm64:arm) return 0 ;; esac
  say "the image $1 is for $_for, and docker there runs $docker_arch"
  return 1
}

# container_id NAME: of the container with this name; nothing where there is none. Docker would take a name for the
# beginning of an id as well ("db"), and for an image. It fails where docker does not answer: that is not "none".
container_id() {
  _listed=$(docker ps -aq --no-trunc --filter "name=^/?$(say "$1" | sed 's/[.]/[.]/g')\$") || return 1
  say "$_listed" | sed -n 1p
}

# docker_back: wait until docker answers, if it is being started again: what was before can only be put back by it.
docker_back() {
  _tries=0
  until docker ps -q >/dev/null 2>&1; do
    _tries=$((_tries + 1))
    [ $_tries -le 30 ] || { docker ps -q >/dev/null; return; }
    sleep 1
  done
}

# container_with NAME WORD...: run the words on its id.
container_with() {
  _box=$(container_id "$1") || return 1
  [ -n "$_box" ] || { say "there is no container $1" >&2; return 1; }
  shift
  "$@" "$_box"
}

# container_field ID FORMAT
container_field() { [ -z "$1" ] || docker container inspect -f "$2" -- "$1" 2>/dev/null; }

# containers_read ID...: set mounts (lines ID, PID, PATH on the node, PATH within) and parts_read (ID, PID, PROJECT,
# PART), with tabs between, of those that run.
containers_read() {
  mounts='' parts_read=''
  [ $# -gt 0 ] || return 0
  if [ -z "${docker_once-}" ]; then _read=$(docker inspect -f "$CONTAINER_READ" "$@" 2>/dev/null)
  else
    _read=''
    for _each; do _read="$_read -e ^[mp]$_each"; done
    # shellcheck disable=SC2086  # words are wanted
    _read=$(say "$box_rows" | grep $_read)
  fi
  mounts=$(say "$_read" | sed -n 's/^m//p') parts_read=$(say "$_read" | sed -n 's/^p//p')
}

CONTAINER_BOX='{{.ID}} {{.Name}} {{.State.Status}} {{.State.ExitCode}} {{.RestartCount}} '
CONTAINER_BOX=$CONTAINER_BOX'{{if .State.Health}}{{.State.Health.Status}}{{else}}-{{end}} {{.State.StartedAt}} '
CONTAINER_BOX=$CONTAINER_BOX'{{.State.FinishedAt}} {{.Config.Image}} {{.Image}}'
for _each in com.docker.compose.project com.docker.compose.service stentor.config; do
  CONTAINER_BOX="$CONTAINER_BOX {{with index .Config.Labels \"$_each\"}}{{.}}{{else}}-{{end}}"
done
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

# docker_told WORD...: docker, of whose last line one does not learn why it failed.
docker_told() {
  _said=$(docker "$@" 2>&1 >/dev/null) && return
  say "$_said" | sed -n 1p >&2
  return 1
}

# As 'docker update --restart' takes it.
CONTAINER_RESTART='{{with .HostConfig.RestartPolicy}}{{.Name}}'
CONTAINER_RESTART=$CONTAINER_RESTART'{{if .MaximumRetryCount}}:{{.MaximumRetryCount}}{{end}}{{end}}'

container_keep() {
  _box=$(container_id "$1") && _running=$(container_field "$_box" '{{.State.Running}}') || return 1
  put "$kept/id" "$_box" && put "$kept/running" "$_running" &&
    put "$kept/restart" "$(container_field "$_box" "$CONTAINER_RESTART")" &&
    keep_restarts "$_box"
}

# keep_restarts ID...: how often docker has restarted each so far. One that is not made again keeps that number.
keep_restarts() {
  : >"$kept/restarts"
  for _one; do container_field "$_one" '{{.ID}} {{.RestartCount}}' >>"$kept/restarts"; done
  return 0
}

kept_restarts() { awk -v id="$1" '$1 == id { print $2 }' "$kept/restarts" 2>/dev/null; }

CONTAINER_WANTED='{{.ID}} {{.State.Running}} {{.Image}} {{.Config.Image}} {{index .Config.Labels "stentor.config"}}'

# container_wanted NAME: what container_want has to know of it.
container_wanted() {
  if [ -z "${docker_once-}" ]; then
    _box=$(container_id "$1") || return 1
    container_field "$_box" "$CONTAINER_WANTED"
    return
  fi
  while read -r _box _name _is _ _ _ _ _ _from _made _ _ _labelled; do
    [ "$_name" = "/$1" ] || continue
    case $_is in running | paused | restarting) _is=true ;; *) _is=false ;; esac
    say "$_box $_is $_made $_from $_labelled"
  done <<END
$boxes
END
}

# container_want NAME STATE IMAGE DIGEST: DIGEST is of all that it is made of, and its label.
container_want() {
  _id='' _running='' _made_of='' _image='' _label=''
  _said=$(container_wanted "$1") || return 1
  read -r _id _running _made_of _image _label <<END
$_said
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
  _box=$(container_id "$_name") || return 1
  if [ "$_state" = off ]; then
    [ "$(container_field "$_box" '{{.State.Running}}')" != true ] || docker stop -- "$_box" >/dev/null
    return
  fi
  if [ "$_state" = running ]; then
    docker image inspect -- "$_image" >/dev/null 2>&1 || _said=$(docker pull -q -- "$_image" 2>&1 >/dev/null) || {
      say "the image $_image cannot be pulled: $(say "$_said" | tail -n 1)" >&2
      return 1
    }
    _same=$(container_field "$_box" '{{index .Config.Labels "stentor.config"}} {{.Image}}')
    # shellcheck disable=SC2086  # an id, or none
    containers_read $_box
    if [ "$_same" = "$_digest $(docker image inspect -f '{{.ID}}' -- "$_image")" ] && [ -z "$(stale)" ]; then
      docker_told start -- "$_box"
      return
    fi
  fi
  if [ -n "$_box" ]; then
    docker_told stop -- "$_box" && docker_told rename "$_box" "$_name.before-$op" || return 1
    # It must not come back by itself after a boot.
    docker update --restart=no -- "$_box" >/dev/null
  fi
  [ "$_state" = running ] || return 0
  say "$container_env" | docker create "$@" >/dev/null && docker_told start -- "$_name"
}

# container_prove NAME STATE PORTS RESTART
container_prove() {
  if [ "$2" != running ]; then
    container_want "$1" "$2" '' '' >/dev/null && return
    _is=$(container_field "$(container_id "$1")" '{{.State.Status}}')
    say "the container $1 is $_is, and should be $2" >&2
    return 1
  fi
  _id=$(container_id "$1") || return 1
  container_good "$_id" "$1" "$(kept_restarts "$_id")" && ports_prove container "$_id" "$3" || return 1
  containers_read "$_id"
  stale_none
}

CONTAINER_IS='{{.State.Status}} {{.RestartCount}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}} '
CONTAINER_IS=$CONTAINER_IS'{{.State.ExitCode}} {{.HostConfig.RestartPolicy.Name}}.'
CONTAINER_SAID='{{with .State.Health}}{{range .Log}}{{.Output}}{{end}}{{end}}'

# container_good ID NAME RESTARTS: it runs, was not restarted more often than before, and is healthy if it says so; a
# one-shot has ended with 0.
container_good() {
  _tries=0
  while :; do
    _is=$(container_field "$1" "$CONTAINER_IS")
    _count=${_is#* } _count=${_count%% *}
    [ -z "$_is" ] || [ "$_count" -gt "${3:-0}" ] || _is="${_is%% *} 0 ${_is#* * }"
    case $_is in
      running\ 0\ starting\ *) ;;
      running\ 0\ unhealthy\ *)
        container_why "$1" "$2" "is not healthy: $(container_field "$1" "$CONTAINER_SAID" | awk 'NF' | tail -n 1)"
        return 1
        ;;
      running\ 0\ *) return 0 ;;
      exited\ 0\ *\ 0\ no. | exited\ 0\ *\ 0\ .) return 0 ;;
      '') say "the container $2 is not there" >&2; return 1 ;;
      *)
        say "$_is" | {
          read -r _status _restarts _ _code _
          container_why "$1" "$2" "is $_status (exit code $_code, restarted $_restarts times)"
        }
        return 1
        ;;
    esac
    _tries=$((_tries + 1))
    [ $_tries -le 60 ] || { container_why "$1" "$2" "is still starting"; return 1; }
    sleep 1
  done
}

container_why() { # ID NAME TEXT
  _log=$(docker logs --tail 5 -- "$1" 2>&1 | awk 'NF' | tail -n 1)
  say "the container $2 $3${_log:+: $_log}" >&2
}

# container_undo NAME
container_undo() {
  docker_back && _before=$(container_id "$1.before-$op") && _new=$(container_id "$1") || return 1
  _policy=''
  if [ -n "$_before" ]; then
    [ -z "$_new" ] || docker rm -f -- "$_new" >/dev/null || return 1
    docker_told rename "$_before" "$1" || return 1
    _policy=$(value "$kept/restart")
    _policy=${_policy:-no}
  elif [ -z "$(value "$kept/id")" ]; then
    [ -z "$_new" ] || docker rm -f -- "$_new" >/dev/null
    return
  else _before=$(value "$kept/id")
  fi
  if [ "$(value "$kept/running")" = true ]; then docker_told start -- "$_before" || return 1
  else docker stop -- "$_before" >/dev/null || return 1
  fi
  [ -z "$_policy" ] || docker update "--restart=$_policy" -- "$_before" >/dev/null
}

container_drop() { container_with "$1.before-$op" docker rm -f >/dev/null 2>&1; }

# container_policy POLICY ID: whether it starts at boot.
container_policy() {
  docker update "--restart=$1" -- "$2" >/dev/null || return 1
  [ "$(container_field "$2" "$CONTAINER_RESTART")" = "${1%:0}" ] && return
  say "its restart policy is $(container_field "$2" "$CONTAINER_RESTART")" >&2
  return 1
}
