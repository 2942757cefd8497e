"""What moderation knows: hand-written TOML files by field, and their strict loader."""
