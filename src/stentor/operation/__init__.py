"""Any change or command, from the request to its journal entry.

An :class:`~stentor.operation.operation.Operation` does, in this order: lock, ``journal.begin``, execute (in
waves where a plan says so), journal each event, gates, revert, missed nodes, notify, unlock. Selecting,
the guard and the plan come before it (:mod:`stentor.operation.guarding`, :mod:`stentor.operation.planning`),
since they may ask. What happens is told as events; nothing here prints.
"""
