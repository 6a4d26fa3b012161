"""Other tools' files as a fleet file: one module a source, each from text to :class:`Found`.

What a source says and a fleet file cannot, is in ``Found.left``: nothing is lost silently.
"""
