"""Web names in the words of the programs that serve them: Caddy's sites, DNS records."""
