"""How many files this process may hold open."""

from __future__ import annotations


def raise_descriptor_limit() -> int:
    """Raise the soft limit of open files to the hard one.

    Returns:
        How many this process may open now.
    """
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    for limit in (wanted, 10240):  # macOS says "unlimited" and means OPEN_MAX, 10240
        if soft != resource.RLIM_INFINITY and limit > soft:
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
            except (ValueError, OSError):
                continue
            return limit
    return wanted if soft == resource.RLIM_INFINITY else int(soft)
