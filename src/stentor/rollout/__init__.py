"""Any change, safely: canary, waves, gates, a failure limit. Plans are decided apart from their execution."""
