"""Face, voice and liveness: what a capture shows, how alike two are, and how sure we are.

Everything here works on arrays. Containers are opened by `cameo.media`, keys and ciphertext belong
to the flows, and no model is ever fetched from a network: an engine loads weights from installed
packages or from a local folder, or raises `cameo.likeness.errors.ModelMissingError`.
"""
