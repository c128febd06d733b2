"""What every screen shares: who is looking, how a page opens, how it fails, how data is refreshed."""
