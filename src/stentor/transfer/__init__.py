"""Files to nodes and from them, over the warm connections: a stream in, checksums, an atomic end."""
