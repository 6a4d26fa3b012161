# A compose project: its state, a change of it, and back.
# Given: kept (a folder), changed (the paths that were changed); by compose_of: project, compose_file, env_file, parts.
# uses: base services/settings services/container services/ports

# compose_require [FILE]: FILE where that is the node's own.
compose_require() {
  docker_require || return 1
  [ -z "${1-}" ] || [ -f "$1" ] || {
    say "there is no $1 on the node: put it there, or below the fleet directory (compose_file: FILE)"
    return 1
  }
  [ -n "${compose_answers-}" ] || docker compose version >/dev/null 2>&1 || {
    say "docker compose is not installed there"
    return 1
  }
  compose_answers=yes
}

# compose_of PROJECT FILE ENV PARTS: about which project the rest is.
compose_of() { project=$1 compose_file=$2 env_file=$3 parts=$4; }

# compose ARGUMENT...: in a preview with the file that is to be put there, on standard input.
compose() {
  if [ "${verb-}" = look ] && new_text "$compose_file"; then
    printf '%s' "$_new" | base64 -d | compose_with - "$@"
  else compose_with "$compose_file" "$@" </dev/null
  fi
}

compose_with() {
  _with=$1
  shift
  set -- --project-name "$project" --file "$_with" --project-directory "${compose_file%/*}" "$@"
  [ -z "$env_file" ] || set -- --env-file "$env_file" "$@"
  docker compose --ansi never "$@"
}

COMPOSE_PART='{{index .Config.Labels "com.docker.compose.service"}}'

# compose_boxes [all]: ID and PART of the containers of the project; with all those that have ended.
compose_boxes() {
  if [ -n "${docker_once-}" ]; then
    say "$boxes" | awk -v project="$project" -v all="${1-}" '
      $11 == project && (all || $3 ~ /^(running|paused|restarting)$/) { print $1, $12 }'
  else
    docker ps ${1:+-a} --no-trunc --filter "label=com.docker.compose.project=$project" \
      --format '{{.ID}} {{.Label "com.docker.compose.service"}}'
  fi
}

# compose_ids [all]: their ids. It fails where docker does not answer: that is not "none".
compose_ids() {
  _listed=$(compose_boxes ${1:+all}) || return 1
  [ -z "$_listed" ] || say "$_listed" | cut -d ' ' -f 1
}

# compose_wanted [all]: those of the services that are wanted.
compose_wanted() {
  _listed=$(compose_boxes ${1:+all}) || return 1
  [ -z "$_listed" ] || say "$_listed" | while read -r _each _part; do
    [ -z "$parts" ] || case " $parts " in *" $_part "*) ;; *) continue ;; esac
    say "$_each"
  done
}

compose_keep() {
  compose_ids all >"$kept/ids" && compose_ids >"$kept/running" || return 1
  # shellcheck disable=SC2046  # ids have no blanks
  keep_restarts $(cat "$kept/ids")
  : >"$kept/images"
  : >"$kept/parts"
  [ -s "$kept/ids" ] || return 0
  # shellcheck disable=SC2046  # ids have no blanks
  docker inspect -f '{{.Config.Image}} {{.Image}}' $(cat "$kept/ids") >"$kept/images" &&
    docker inspect -f "$COMPOSE_PART" $(cat "$kept/ids") >"$kept/parts"
}

# compose_would: what 'up' would do, a line each.
compose_would() {
  # shellcheck disable=SC2086  # names of services have no blanks
  compose up --detach --dry-run $parts 2>&1
}

# compose_want STATE: say what would be done; fail if that is something.
compose_want() {
  if [ "$1" != running ]; then
    if [ "$1" = off ]; then
      _ids=$(compose_wanted) && [ -z "$_ids" ] && return 0
      say "stop project $project"
    else
      _ids=$(compose_wanted all) && [ -z "$_ids" ] && return 0
      say "remove project $project"
    fi
    return 1
  fi
  _ids=$(compose_ids all) || return 1
  if [ -z "$_ids" ]; then
    say "create project $project"
    return 1
  fi
  _would=$(compose_would) || { say "$_would" | tail -n 1; return 1; }
  _acts=$(say "$_would" | sed 's/^ *DRY-RUN MODE - *//; s/^ *//' | awk '
    $1 == "Container" && $3 ~ /^(Create|Creating|Recreate)$/ {
      what = $3 == "Recreate" ? "recreate" : "create"; print what " container " $2; made[$2] = 1 }
    $1 == "Container" && $3 ~ /^(Start|Starting)$/ && !made[$2] { print "start container " $2 }
    $2 ~ /^(Pulling|Pull)$/ { print "pull the image of " $1 }' | sort -u)
  # shellcheck disable=SC2046  # ids have no blanks
  containers_read $(compose_wanted)
  _stale=$(stale_lines | while IFS= read -r _act; do
    case $_acts in *"${_act%%:*}"*) ;; *) say "$_act" ;; esac
  done)
  [ -z "$_stale" ] || say "$_stale"
  [ -n "$_acts" ] || { [ -z "$_stale" ]; return; }
  say "$_acts" | while IFS= read -r _act; do
    case $_act in recreate\ *) say "$_act: $(compose_why "${_act##* }")" ;; *) say "$_act" ;; esac
  done
  return 1
}

# compose_fits: whether docker there can run the images of the parts that are wanted.
compose_fits() {
  [ -f "$env_file" ] || env_file='' # it may be about to be put there
  # shellcheck disable=SC2086  # names of services have no blanks
  for _wanted in $({
    compose config --images --no-env-resolution $parts || compose config --images $parts
  } 2>/dev/null | sort -u); do image_fits "$_wanted" || return 1; done
}

# compose_why CONTAINER: why it would be recreated, as far as its labels tell.
compose_why() {
  _part=$(container_field "$1" "$COMPOSE_PART")
  _had=$(container_field "$1" '{{.Image}}')
  _image=$(container_field "$1" '{{.Config.Image}}')
  _now=$(compose config --images "$_part" 2>/dev/null | sed -n 1p)
  if [ -n "$_now" ] && [ "$_now" != "$_image" ]; then say "image $_image -> $_now"
  elif [ "$_had" != "$(docker image inspect -f '{{.ID}}' -- "$_image" 2>/dev/null)" ]; then
    say "$_image is another image now"
  else say "its configuration differs from that in its label com.docker.compose.config-hash"
  fi
}

# compose_apply STATE FORCED: FORCED are the parts whose files compose itself does not look at.
compose_apply() {
  case $1 in
    running) ;;
    off) compose_stop wanted; return ;;
    *) compose_down wanted; return ;;
  esac
  # shellcheck disable=SC2086
  compose up --detach --quiet-pull $parts || return 1
  # shellcheck disable=SC2046
  containers_read $(compose_wanted)
  _forced=$(stale | while read -r _box _; do container_field "$_box" "$COMPOSE_PART"; done | sort -u)
  [ -z "$changed" ] || _forced="$2 $_forced"
  # shellcheck disable=SC2086
  set -- $_forced
  [ $# -eq 0 ] || compose up --detach --no-deps --force-recreate "$@"
}

# compose_stop ids|wanted
compose_stop() {
  _stop=$("compose_$1") || return 1
  # shellcheck disable=SC2086
  [ -z "$_stop" ] || docker stop $_stop >/dev/null
}

# compose_down ids|wanted: without the file, which may be another one by now; volumes stay.
compose_down() {
  _down=$("compose_$1" all) || return 1
  # shellcheck disable=SC2086
  [ -z "$_down" ] || docker rm -f $_down >/dev/null || return 1
  docker network ls -q --filter "label=com.docker.compose.project=$project" | while IFS= read -r _net; do
    docker network rm "$_net" >/dev/null 2>&1
  done
  return 0
}

# compose_prove STATE PORTS
compose_prove() {
  if [ "$1" != running ]; then
    _said=$(compose_want "$1") && return
    say "not done: $_said" >&2
    return 1
  fi
  _ids=$(compose_ids all) || return 1
  [ -n "$_ids" ] || { say "the project $project has no container" >&2; return 1; }
  _wanted=$(compose_wanted all) || return 1
  for _one in $_wanted; do
    _name=$(container_field "$_one" '{{.Name}}')
    container_good "$_one" "${_name#/}" "$(kept_restarts "$_one")" || return 1
  done
  ports_prove container "$_ids" "$2" || return 1
  # shellcheck disable=SC2046
  containers_read $(compose_wanted)
  stale_none
}

# compose_undo FORCED: the earlier images have their names again, the earlier file is back.
compose_undo() {
  docker_back || return 1
  if [ ! -s "$kept/ids" ]; then
    compose_down ids
    return
  fi
  while read -r _name _id; do
    case $_name in sha256:*) ;; *) docker tag "$_id" "$_name" 2>/dev/null ;; esac
  done <"$kept/images"
  if [ ! -f "$compose_file" ]; then
    say "the earlier containers of $project cannot be made again: there is no $compose_file" >&2
    return 1
  fi
  # shellcheck disable=SC2086
  compose up --detach --pull never $parts || return 1
  # shellcheck disable=SC2086
  [ -z "$1" ] || [ ! -f "$kept/tried" ] || compose up --detach --no-deps --pull never --force-recreate $1 || return 1
  compose_new || return 1
  [ -s "$kept/running" ] || compose_stop ids
}

# compose_new: containers of services that the project did not have go again; 'up' leaves them.
compose_new() {
  [ -s "$kept/parts" ] || return 0
  _ids=$(compose_ids all) || return 1
  for _one in $_ids; do
    _label=$(container_field "$_one" "$COMPOSE_PART")
    grep -qxF -e "$_label" "$kept/parts" || docker rm -f -- "$_one" >/dev/null || return 1
  done
}

# compose_each WORD...: with each container of the project that is wanted.
compose_each() {
  _ids=$(compose_wanted all) || return 1
  for _one in $_ids; do
    "$@" "$_one" >/dev/null || return 1
  done
}
