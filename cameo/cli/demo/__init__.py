"""The whole story on one machine, told by clients of a real service. Its people are synthetic."""
