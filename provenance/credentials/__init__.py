"""Content Credentials (C2PA): the authority, the manifest, signing a file and reading it back."""
