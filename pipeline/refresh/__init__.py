"""One refresh: select, check, write, publish."""
