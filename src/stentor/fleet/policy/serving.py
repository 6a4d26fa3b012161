"""The sections of a policy about what 'stentor serve' does by itself."""

from __future__ import annotations

from stentor.fleet.policy.section import Section

TYPE_CHECKING = False  # importing typing takes longer than all of the policy
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

FORGES = ("github", "gitea", "forgejo", "gitlab", "bitbucket", "sourcehut", "plain")
"""Whose deliveries a webhook can read; ``plain`` is an HMAC over a small JSON of one's own."""

Aliases = tuple[str, ...]  # written as a selector
Bytes = int
ClockTime = str  # 03:00
ClockTimes = str  # 22:00-07:00
Forge = str  # one of FORGES
HookName = str
Line = str
MailAddress = str
Path = str
Repository = str
Seconds = float
Url = str
Word = str


class Tell(Section):
    """Who is told of what 'stentor serve' has done by itself; several may be given.

    Attributes:
        command: a command of yours; it finds STENTOR_RESULT and STENTOR_COMMAND in its environment.
        ntfy: the address of a topic of ntfy: https://ntfy.sh/TOPIC.
        mail: an e-mail address; the mail is given to this machine's sendmail.
        webhook: an address that gets a JSON object by POST.
        of: whether good news are told as well.
    """

    command: Line = ""
    ntfy: Url = ""
    mail: MailAddress = ""
    webhook: Url = ""
    of: Literal["all", "failures"] = "all"


class Hook(Section):
    """What is rolled out when a forge reports a push.

    Attributes:
        forge: whose deliveries these are.
        repository: the repository as the forge names it: OWNER/NAME.
        branch: pushes to this branch are rolled out; all others are answered and not acted on.
        secret: the file with the secret that was given to the forge, for you alone to read. Of sourcehut, the
            file with its public key; without it the one of sr.ht.
        action: what is rolled out: dotfiles, as 'stentor dotfiles apply' does it; or services: the fleet
            directory is brought to the commit, and its services are deployed.
        signed: whether git on this machine must find a good signature of the commit.
        selector: the nodes that get it.
        tell: who is told of the result, in place of keep: tell:.
    """

    forge: Forge
    repository: Repository
    selector: Aliases
    secret: Path = ""
    branch: Word = "main"
    action: Literal["dotfiles", "services"] = "dotfiles"
    signed: bool = False
    tell: Tell = Tell()


class Hooks(Section):
    """Webhooks, by the name in their address /hook/NAME.

    Attributes:
        each: name to what is done.
    """

    all_keys = "each"

    each: Mapping[HookName, Hook] = {}


class Keeping(Section):
    """What 'stentor serve' does by itself besides webhooks.

    Attributes:
        warm: nodes whose connection is kept open.
        memory: how much the fleet's warm connections may need here: the least used of the others end beyond
            that, each with its last session; 0 for no limit.
        ping: time between two pings of all nodes; their history is kept for 30 days.
        catch_up: whether nodes that were down get what they missed when they return: what came by a webhook,
            any dotfiles, or nothing.
        nightly: when host keys and drift are looked at each night, by this machine's clock; empty for never.
        quiet: when nobody is told anything: 22:00-07:00; what happens then is told at its end.
        tell: who is told.
    """

    warm: Aliases = ()
    memory: Bytes = 0
    ping: Seconds = 60.0
    catch_up: Literal["hooks", "all", "nothing"] = "hooks"
    nightly: ClockTime = "03:00"
    quiet: ClockTimes = ""
    tell: Tell = Tell()
