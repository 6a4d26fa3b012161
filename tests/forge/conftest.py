"""Practice nodes with dotfiles, as in the integration tests."""

from tests.integration.conftest import environ, make_lab, playground, stentor
from tests.integration.dotfiles.conftest import dotfiles, lab, mixed

__all__ = ["dotfiles", "environ", "lab", "make_lab", "mixed", "playground", "stentor"]
