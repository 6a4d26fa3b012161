"""A machine becomes a member of the fleet: seen, changed step by step, proved by a login."""
