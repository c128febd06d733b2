"""From one viewer and one set of filters to everything a screen, a report or a file shows."""
