"""The command line: `cameo COMMAND`. Usage errors end with 64, internal ones with 70."""
