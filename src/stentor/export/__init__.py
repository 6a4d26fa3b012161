"""The fleet as other tools' files: text in, text out, one tool a file."""
