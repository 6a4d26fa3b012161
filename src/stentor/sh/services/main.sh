# Stentor's services, the node's side: what is there, and one change of files, units and containers as a transaction
# that ends confirmed, or with everything as it was. Needs POSIX sh, and what the services themselves need.
#
# It arrives on standard input, stays in memory, and answers in lines "KEY TEXT" between "stentor-services 1 VERB" and
# "end CODE". Given in front: items (the numbers of what is to hold), and for each number N the functions name_N,
# files_N, folders_N, require_N, validate_N, keep_N, apply_N, current_N, fits_N, prove_N, undo_N, drop_N and settle_N;
# behind a line "# payload" what only a change needs: the contents of files.
#
# uses: base services/settings services/files services/change services/deadline services/unit services/compose
# uses: services/container services/ports services/status services/gateway services/dns

services_main() {
  verb=${1-status} op='' window=120 seconds=120
  [ $# -eq 0 ] || shift
  while [ $# -gt 0 ]; do
    case $1 in
      op=* | window=* | seconds=*) eval "${1%%=*}=\${1#*=}" ;;
      *) break ;;
    esac
    shift
  done
  settings
  case $verb in
    wait) sleep_until "$seconds" ;;
    boot) exec >/dev/null 2>&1 ;;
    *) say "stentor-services 1 $verb" ;;
  esac
  case $verb in
    look) look ;;
    status) status ;;
    control) control ;;
    deploy) deploy ;;
    confirm) confirm ;;
    renew) renew ;;
    revert) revert ;;
    decided) decided ;;
    undo)
      [ -d "$P" ] && [ "$(value "$P/op")" = "$op" ] || P=$H/$op
      undo "$P"
      ;;
    drop) drop ;;
    rollback) rollback ;;
    preview_rollback) preview_rollback ;;
    wait | boot) expire ;;
    *) fail "there is no verb $verb" ;;
  esac
  finish 0
}
