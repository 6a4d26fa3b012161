"""A page and a webhook: the fleet without a terminal, behind ``stentor serve`` (extra ``web``).

Requests reach the same :mod:`stentor.api` as the command line, in threads, since the core is synchronous.
:mod:`stentor.web.app` puts routes and protection together, :mod:`stentor.web.service` is what routes share,
and :mod:`stentor.web.background` runs the webhooks and the keeper.
"""
