# Files that grow at each login: sizes around the shells above, then around more of them, and around
# a moment without any, so that what grows by itself is not blamed on the logins.
# uses: base doctor/jobs doctor/node

sizes() { # NAME: without `ls` where find tells the size itself
  within=2
  if [ -n "$prints" ]; then
    launch "do-sizes-$1" find "$HOME" -maxdepth 2 -type f ! -name '.stentor-doctor.*' -printf '- - - - %s - - - %p\n'
  else
    launch "do-sizes-$1" find "$HOME" -maxdepth 2 -type f ! -name '.stentor-doctor.*' -exec ls -ln {} +
  fi
  within=''
  await
}

growing() {
  [ -s "$D/do-sizes-before.stdout" ] && [ ! -f "$D/do-sizes-before.hung" ] || return 0
  sizes after
  changed before after >"$D/grown"
  [ -s "$D/grown" ] || return 0
  nap 0.3
  # Another's login that ends just now, such as ours from outside, is not taken for unrest: wait for a quiet moment.
  quiet=0
  sizes still
  while [ -n "$(changed after still)" ] && [ $quiet -lt 3 ]; do
    quiet=$((quiet + 1))
    mv "$D/do-sizes-still.stdout" "$D/do-sizes-after.stdout"
    rm -f "$D/do-sizes-still.code"
    nap 0.3
    sizes still
  done
  launch again "$login_shell" -l -i -c :
  [ ! -f "$HOME/.ssh/rc" ] || launch_rc rc-again
  await
  sizes end
  changed after still >"$D/restless"
  changed still end >"$D/grown-again"
  while IFS='|' read -r file size more; do
    if grep -qF "$file|" "$D/grown-again" && ! grep -qF "$file|" "$D/restless"; then
      say "grows $size $more $file"
    fi
  done <"$D/grown"
}

changed() { # BEFORE AFTER: file|old size|new size of each that has grown
  awk '
    { size = $5; name = $0; sub(/^([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ )/, "", name) }
    FILENAME == ARGV[1] { old[name] = size; next }
    name in old && size > old[name] && ++count <= 20 { print name "|" old[name] "|" size }
  ' "$D/do-sizes-$1.stdout" "$D/do-sizes-$2.stdout"
}
