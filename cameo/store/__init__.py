"""What the service remembers: SQLModel tables, a unit of work with locks, and frozen records.

Tables never leave this package. Ciphertext is stored here as it comes; the store holds no key.
"""
