"""Webhooks: what forges say of a push, whether it is theirs, and the durable queue of what is to be done.

``read`` decides what a delivery is; ``forges`` has one module a forge; ``queue`` keeps deliveries until their
revision stands on the nodes. What is then done to nodes is ``api.hook_worker``.
"""
