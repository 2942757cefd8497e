"""The benchmark of the marks: clips, attacks, figures."""
