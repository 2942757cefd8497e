"""What happens to clips after they leave, done in memory to clips that a benchmark made.

Nothing here opens what users sent: that stays with `cameo.media.decode` and its child process.
"""
