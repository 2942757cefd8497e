"""The verdict on a copy of a clip: what it is, whether it was changed, do its consents stand."""
