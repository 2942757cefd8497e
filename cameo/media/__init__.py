"""Containers <-> frames and samples; the only user of PyAV.

What users sent is opened in a child process that can be killed (``decode``); what the service made
itself is written in this one (``encode``).
"""
