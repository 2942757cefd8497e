"""The application: API and worker in one process, for `cameo serve`."""
