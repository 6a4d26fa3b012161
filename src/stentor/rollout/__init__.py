"""Any change, safely: canary, waves, gates, a failure limit. Pure decisions apart from their effects."""
