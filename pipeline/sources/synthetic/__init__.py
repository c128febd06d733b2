"""The invented hospital, from its people to its untidy text files. Nothing in it is about a real person."""
