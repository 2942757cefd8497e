"""The service: likeness, flows, store, API, web, CLI and their wiring."""
