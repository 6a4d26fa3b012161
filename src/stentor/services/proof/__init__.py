"""The proof of web names: each is asked as a browser would, and its answers are judged."""
