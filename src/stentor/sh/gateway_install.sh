# Make the virtual environment of a gateway, with the packages that come as a zip on standard input.
# uses: base state

# gateway_install: replaces what was there in one step, and says which versions it has.
gateway_install() {
  state_directory gateway
  if ! has python3; then
    say "there is no python3; install it with the system's package manager" >&2
    exit 77
  fi
  new=$state.$$
  trap 'rm -rf "$new"' EXIT
  trap 'exit 143' HUP INT TERM
  (umask 077 && mkdir -p "${state%/*}") && python3 -m venv --without-pip "$new" || exit
  cat >"$new/packages.zip" || exit
  "$new/bin/python" -c '
import sys, sysconfig, zipfile
zipfile.ZipFile(sys.argv[1]).extractall(sysconfig.get_path("purelib"))
import ClusterShell.Gateway' "$new/packages.zip" || exit
  rm -rf "$new/packages.zip" "$state" && mv "$new" "$state" || exit
  "$state/bin/python" -c '
import sys, ClusterShell
print("%d.%d.%d" % sys.version_info[:3], ClusterShell.__version__, sys.executable)'
}
