"""Nodes on and off: Wake-on-LAN, reboots that are proved by the boot id, shutdowns."""
