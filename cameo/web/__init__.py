"""The page that people use: static files, no framework, nothing from elsewhere."""
