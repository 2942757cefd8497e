"""From a prompt to a scene, and from a scene to frames and sound."""
