"""Consent documents, the evidence a person signed, and the one decision function."""
