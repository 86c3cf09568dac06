"""Loads on the real server: many uploads at once, many readers of timelines."""
