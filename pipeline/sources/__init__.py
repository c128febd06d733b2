"""What can be dropped into the landing folder, and how it is read."""
