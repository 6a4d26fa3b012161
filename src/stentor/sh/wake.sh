# Send the magic packet of Wake-on-LAN by whatever this node has.
# uses: base

# wake MAC BROADCAST PORT PYTHON PERL OCTAL: the packet as programs of two languages, and as printf takes it.
wake() {
  if has python3; then exec python3 -c "$4"; fi
  if has perl; then exec perl -MSocket -MIO::Socket::INET -e "$5"; fi
  if has wakeonlan; then exec wakeonlan -i "$2" -p "$3" "$1"; fi
  if has socat; then
    printf %b "$6" | socat - "UDP-DATAGRAM:$2:$3,broadcast"
    exit # with what the last of the pipe said
  fi
  # These two send a frame of their own, which only root may.
  way=$(ip -o -4 route show default 2>/dev/null | sed 's/.* dev //; s/ .*//; q')
  for tool in etherwake ether-wake; do
    if has $tool; then exec $tool ${way:+-i "$way"} "$1"; fi
  done
  echo "stentor: there is neither python3, perl, wakeonlan, socat nor etherwake to send the packet with" >&2
  exit 69
}
