"""Measurements, not tests: speed and memory are printed as figures and ratios of one run, never asserted."""
