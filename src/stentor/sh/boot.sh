# Since when the system has been running.

# boot_id: the kernel's, or "unknown".
boot_id() {
  _id=''
  { IFS= read -r _id <"${STENTOR_BOOT_ID:-/proc/sys/kernel/random/boot_id}"; } 2>/dev/null
  printf '%s\n' "${_id:-unknown}"
}

# system_id: another one after each start of the system. In a container the start of process 1 tells what the
# boot id tells of a machine; macOS has the id of a boot session.
system_id() {
  { cat /proc/sys/kernel/random/boot_id && cut -d' ' -f22 /proc/1/stat; } 2>/dev/null ||
    sysctl -n kern.bootsessionuuid 2>/dev/null || sysctl -n kern.boottime
}
