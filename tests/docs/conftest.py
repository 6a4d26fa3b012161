"""The documents' commands run on the same practice nodes as the integration tests."""

from tests.integration.conftest import environ, make_lab, playground

__all__ = ["environ", "make_lab", "playground"]
