# Since when the system has been running.

# read_boot_id: set `booted` to the kernel's, or "unknown".
read_boot_id() {
  booted=''
  { IFS= read -r booted <"${STENTOR_BOOT_ID:-/proc/sys/kernel/random/boot_id}"; } 2>/dev/null
  booted=${booted:-unknown}
}

# boot_id: say it.
boot_id() {
  read_boot_id
  printf '%s\n' "$booted"
}

# system_id: another one after each start of the system. In a container the start of process 1 tells what the
# boot id tells of a machine; macOS has the id of a boot session.
system_id() {
  { cat /proc/sys/kernel/random/boot_id && cut -d' ' -f22 /proc/1/stat; } 2>/dev/null ||
    sysctl -n kern.bootsessionuuid 2>/dev/null || sysctl -n kern.boottime
}
