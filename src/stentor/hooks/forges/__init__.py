"""How deliveries of each forge are read: a table, by the name that a policy gives the forge."""

from __future__ import annotations

from collections.abc import Mapping

from stentor.hooks.delivery import Forge
from stentor.hooks.forges import bitbucket, gitea, github, gitlab, plain, sourcehut

TABLE: Mapping[str, Forge] = {
    "github": github.FORGE,
    "gitea": gitea.FORGE,
    "forgejo": gitea.FORGE,
    "gitlab": gitlab.FORGE,
    "bitbucket": bitbucket.FORGE,
    "sourcehut": sourcehut.FORGE,
    "plain": plain.FORGE,
}
