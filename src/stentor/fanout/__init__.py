"""Many nodes at once: window, deadlines, events, gathering; engines behind one protocol."""
