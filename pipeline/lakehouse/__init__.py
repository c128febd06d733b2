"""Where the tables live: DuckDB computes, Delta keeps."""
