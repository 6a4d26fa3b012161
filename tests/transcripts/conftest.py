"""Transcripts may ask for practice nodes."""

from tests.integration.conftest import environ, make_lab, playground

__all__ = ["environ", "make_lab", "playground"]
