"""What a node is, and what is wrong with it; nothing here changes a node but ``fixing``.

``ping`` and ``places`` find how far it is reached, ``status`` and ``facts`` how it fares, ``inventory`` and
``needs`` what it is made of and lacks. The doctor: ``rounds`` has nodes looked at, ``observe`` reads what
they say, ``rules_node``, ``rules_path`` and ``rules_shells`` judge it, ``entrance``, ``inside`` and
``suspects`` are for broken shells, ``outward`` for the login. Host keys: ``scan`` looks, ``trust`` judges.
``report`` puts all of it into a document.
"""
