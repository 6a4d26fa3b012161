"""Results to a terminal or to JSON Lines: the only package that knows colour and width.

``screen`` is where all is written, ``display`` the protocol of what shows events. A run is shown by
``stream``, ``gather``, ``diff``, ``order`` or ``auto`` (``views`` chooses), an operation by ``operation``
and ``summary``, rounds of looking by ``survey`` and ``watch``. Other modules are named by the command whose
results they show. ``json_lines`` writes the records of ``json_*``, which ``json_schema`` publishes.
"""
