"""What there is: the model, the YAML files with positions, selectors, checks.

``load`` opens a fleet, from the copy that ``compiled`` keeps or from the files: ``document`` reads YAML
with places, ``shape`` checks it against ``schema``, ``build`` makes the nodes of ``model``. ``select``
reads selectors, ``edit`` and ``rewrite`` change files, ``policy`` is how the fleet is treated, ``services``
what runs on it, ``importers`` reads the files of other tools.
"""
