"""The agent of this machine as a device: real inference and real sensors behind the same lines.

Only the child process `python -m devices.virtual.host_agent` imports the native library.
"""
