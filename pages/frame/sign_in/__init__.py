"""Signing in with the hospital's OpenID provider: who a session belongs to, whether it still counts, and which role it has."""
