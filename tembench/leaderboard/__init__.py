"""Scores, submissions and the table."""
