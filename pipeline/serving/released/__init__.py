"""What of a page's counts may be released to a role that sees no small cells, and the payload without the rest."""
