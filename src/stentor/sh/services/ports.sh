# Who listens on which port.
# uses: base

# listeners: "PORT ADDRESS PID" of each socket that listens for TCP; the pid is empty where it is not known. One line a
# process, since several may share a port.
listeners() {
  has ss || return 0
  ss -Hltnp 2>/dev/null | awk '{
    n = match($4, /:[0-9]+$/); port = substr($4, n + 1); address = substr($4, 1, n - 1)
    rest = $0; found = 0
    while (match(rest, /pid=[0-9]+/)) {
      print port, address, substr(rest, RSTART + 4, RLENGTH - 4); found = 1
      rest = substr(rest, RSTART + RLENGTH)
    }
    if (!found) print port, address, ""
  }'
}

# owner_of PID: set _owner to the unit or container whose process it is: "unit NAME", "container ID", or "process NAME".
# Starts no process: a node may have many that listen.
owner_of() {
  _unit='' _id='' _name=''
  { while IFS= read -r _line; do group_of "$_line"; done <"/proc/$1/cgroup" && IFS= read -r _name <"/proc/$1/comm"; } \
    2>/dev/null
  if [ -n "$_id" ]; then _owner="container $_id"
  elif [ "$_name" = docker-proxy ]; then
    _owner="proxy $(tr '\0' ' ' <"/proc/$1/cmdline" | sed -n 's/.*-container-ip \([^ ]*\).*/\1/p')"
  elif [ "$1" = 1 ]; then _owner='process systemd'
  elif [ -n "$_unit" ]; then _owner="unit $_unit"
  else _owner="process ${_name:-unknown}"
  fi
}

# group_of LINE: of a process's control groups; the first unit in the path is the one that systemd shows.
group_of() {
  case $1 in */docker/* | */docker-*)
    _id=${1##*/docker?}
    _id=${_id%%.scope*} _id=${_id%%/*}
    return
    ;;
  esac
  _rest=${1#*:*:}
  while [ -n "$_rest" ] && [ -z "$_unit" ]; do
    case ${_rest%%/*} in *.service | *.socket | *.scope) _unit=${_rest%%/*} ;; esac
    case $_rest in */*) _rest=${_rest#*/} ;; *) _rest='' ;; esac
  done
}

# ports_prove unit|container NAME PORTS: each is listened on, and by nobody else. Waits for them a while.
ports_prove() {
  has ss || return 0
  for _port in $3; do
    _tries=0
    until _who=$(listeners | awk -v port="$_port" '$1 == port { print $3 ? $3 : "-" }' | sort -u) && [ -n "$_who" ]; do
      _tries=$((_tries + 1))
      [ $_tries -le 15 ] || {
        say "nothing listens on port $_port" >&2
        return 1
      }
      sleep 1
    done
    for _pid in $_who; do
      port_of "$1" "$2" "$_pid" || {
        say "port $_port belongs to $_owner (pid $_pid)" >&2
        return 1
      }
    done
  done
}

# port_of unit|container NAME PID: whether that process is the service's; sets _owner.
port_of() {
  if [ "$3" = - ]; then # the kernel's own, as nfsd's is: its unit has no process
    _owner='no process that can be seen'
    [ "$1" = unit ] && [ "$(systemctl show --value -p MainPID -- "$2")" = 0 ]
    return
  fi
  owner_of "$3"
  case $1:$_owner in
    "unit:unit $2") return 0 ;;
    unit:process\ systemd) case $2 in *.socket) return 0 ;; esac ;;
    unit:unit*) # a unit that a socket starts
      case $2 in *.socket) [ "$_owner" = "unit ${2%.socket}.service" ] && return 0 ;; esac
      ;;
    container:container*)
      for _one in $2; do case ${_owner#container } in "$_one"*) return 0 ;; esac; done
      ;;
    container:proxy*)
      for _one in $2; do
        docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}' "$_one" 2>/dev/null |
          grep -qwF "${_owner#proxy }" && return 0
      done
      ;;
    container:*dockerd | container:*docker.service) # it holds the port itself where there is no docker-proxy
      for _one in $2; do docker port "$_one" 2>/dev/null | grep -q ":$_port\$" && return 0; done
      ;;
  esac
  case $_owner in
    unit\ *) _owner=${_owner#unit } ;;
    container\ *) _owner="container $(docker inspect -f '{{.Name}}' "${_owner#container }" 2>/dev/null)" ;;
  esac
  return 1
}
