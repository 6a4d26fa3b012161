# The systemd which belongs to this account.

# user_manager_socket: whether one runs; sets XDG_RUNTIME_DIR where the login has not. Starts no process.
user_manager_socket() {
  _runtime=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}
  [ -S "$_runtime/systemd/private" ] || [ -S "$_runtime/bus" ] || return 1
  XDG_RUNTIME_DIR=$_runtime
  export XDG_RUNTIME_DIR
}

# user_manager: whether one answers this login.
user_manager() {
  command -v systemd-run >/dev/null 2>&1 && [ -n "${XDG_RUNTIME_DIR-}" ] &&
    timeout 5 systemctl --user show-environment >/dev/null 2>&1
}

# lingers: whether it runs from the boot on, and after the last logout.
lingers() {
  [ "$(timeout 5 loginctl show-user "$(id -un)" -p Linger --value 2>/dev/null)" = yes ]
}

user_systemd() { user_manager && lingers; }
