"""The whole consent life, played at random against the real flows."""
