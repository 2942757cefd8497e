"""Where a clip comes from: credentials, marks, fingerprints, the log and the verdict."""
