"""``python -m stentor``."""

import sys

from stentor.cli.main import main

sys.exit(main())
