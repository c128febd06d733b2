"""Who may see what: one policy, one door, one log."""
