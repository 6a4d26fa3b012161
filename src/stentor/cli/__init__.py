"""The command line: ``table`` lists the commands, ``commands`` has one module for each.

``main`` finds the command, ``dispatch`` reads its words and turns errors into messages, ``context`` is what
it is told of the world. ``selector``, ``run_options`` and ``rollout_options`` are options that commands
share; ``displays``, ``showing`` and ``run_display`` put an operation in front of a person, ``call`` and
``survey`` are whole commands' frames.
"""
