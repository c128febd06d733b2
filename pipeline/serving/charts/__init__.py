"""The same figures twice: plain Plotly dictionaries for the screen, SVG text for paper."""
