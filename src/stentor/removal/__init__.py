"""What stentor leaves on nodes and on this machine: listed, and removed by ``stentor uninstall``."""
