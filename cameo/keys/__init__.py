"""Keys and what they lock: a key provider, sealed values, segmented files, the service's secrets.

Every key here belongs to the service. None can sign a person's consent, and nothing here makes,
takes or stores a key that could.
"""
