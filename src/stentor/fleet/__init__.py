"""What there is: the model, the YAML files with positions, selectors, checks."""
