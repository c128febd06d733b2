"""What each table means (its contract), and in which order the tables are built."""
