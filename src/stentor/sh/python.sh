# Find the interpreter that Ansible takes on this node: `sh -s NAME...`, read by playbooks/ways.py.

# find_python NAME...: says `home PATH`, and `python VERSION PATH` of the first that is there; `none` for a version
# that does not come, since it does not run.
find_python() {
  printf 'home %s\n' "$HOME"
  for name in "$@"; do
    found=$(command -v "$name" 2>/dev/null) || continue
    version=$("$found" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null </dev/null)
    printf 'python %s %s\n' "${version:-none}" "$found"
    return
  done
  printf 'python none\n'
}
